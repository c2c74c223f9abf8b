/**
 * The seam that every request goes through: shaped like the global fetch, so that `fetch` itself, or the local
 * server's app, fits. The command's is node:http(s) (http.ts), since the global one triples every command's time.
 */
export interface FetchLike {
  (url: string, init: FetchInit): Promise<FetchAnswer>;
  /** It listens to `init.watch`, and needs no signal. */
  readonly isWatching?: boolean;
}

export interface FetchInit {
  method: string;
  headers: Record<string, string>;
  body?: string;
  /** Ends the request, and the body's reading, at any time. */
  signal?: AbortSignal;
  /** The same end, and more, for the command's transport: a signal is a tenth of what a request costs. */
  watch?: RequestWatch;
  /** Always "manual": a redirect is answered, never followed, by the transport. */
  redirect: "manual";
}

/**
 * What a transport tells of a request, and what tells it that the request is to end. Methods of one object, since
 * closures that hold a request live on until V8 collects its whole heap.
 */
export interface RequestWatch {
  readonly isOver: boolean;
  /** Why it ended. */
  readonly reason: unknown;
  /** A new connection is being made: nothing can have arrived yet. */
  connecting(): void;
  /** From now on the request may arrive. */
  connected(): void;
  /** Destroys what was sent when the request is to end, or at once. */
  destroyAtEnd(sent: { destroy(error: Error): void }): void;
}

export interface FetchAnswer {
  status: number;
  headers: { get(name: string): string | null };
  /** The body's bytes as they come; null if there is none. Leaving it closes the connection. */
  body: AsyncIterable<Uint8Array> | PushBody | WebStream | null;
}

/** A body that hands out all of its bytes for less than it takes to ask for each. */
export interface PushBody extends AsyncIterable<Uint8Array> {
  /** Instead of iterating: calls `take` with the bytes as they come, and resolves behind the last. */
  push(take: (bytes: Uint8Array) => void): Promise<void>;
}

/** As much of a web stream as is needed to read it, and to leave it while a read is under way. */
interface WebStream {
  getReader(): {
    read(): Promise<{ done: boolean; value?: Uint8Array }>;
    cancel(): Promise<void>;
  };
}

/** The bytes of a body, whichever kind it is: `return` ends it, also while `next` is waiting. */
export function bytesOf(body: FetchAnswer["body"]): AsyncIterator<Uint8Array, undefined> {
  if (body === null) return { next: ended };
  if (!("getReader" in body)) return body[Symbol.asyncIterator]();
  const reader = body.getReader();
  return {
    async next() {
      const { done, value } = await reader.read();
      return done || value === undefined ? { done: true, value: undefined } : { done: false, value };
    },
    async return() {
      await reader.cancel();
      return { done: true, value: undefined };
    },
  };
}

async function ended(): Promise<{ done: true; value: undefined }> {
  return { done: true, value: undefined };
}

/** As GivingBody's `give`, for any bytes. */
export async function pushBytes(
  bytes: AsyncIterator<Uint8Array>,
  take: (bytes: Uint8Array) => void,
): Promise<void> {
  for (let step = await bytes.next(); step.done !== true; step = await bytes.next()) take(step.value);
}
