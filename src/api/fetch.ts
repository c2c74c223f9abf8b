import type { ExchangeAbort, Signal } from "./exchange-abort.js";

/**
 * The transport of every request: shaped like the global fetch, so that `fetch` itself, or the local server's app,
 * fits. The command's is node:http(s) (transport/http.ts), since the global one triples every command's time.
 */
export interface FetchLike {
  (url: string, init: FetchInit): Promise<FetchResponse>;
  /** True: it listens to `init.watch`, and needs no signal. */
  readonly isWatching?: boolean;
}

export interface FetchInit {
  method: string;
  headers: Record<string, string>;
  body?: string;
  /** Ends the request, and the body's reading, at any time. */
  signal?: Signal;
  /** Ends it too, for the command's transport: a signal is a tenth of what a request costs. */
  watch: RequestWatch;
  /** Always "manual": a redirect is answered, never followed, by the transport. */
  redirect: "manual";
}

/**
 * The two-way link between a request and its transport. Methods of one object, since closures that hold a request live
 * on until V8 collects its whole heap.
 */
export type RequestWatch = Pick<
  ExchangeAbort,
  "isOver" | "reason" | "connecting" | "connected" | "destroyAtEnd"
>;

export interface FetchResponse {
  status: number;
  headers: { get(name: string): string | null };
  /** Null if there is none. Leaving it closes the connection. */
  body: AsyncIterable<Uint8Array> | PushBody | WebStream | null;
}

/** A body that hands out all of its bytes for less than it takes to ask for each. */
export interface PushBody extends AsyncIterable<Uint8Array> {
  /** Calls `take` with the bytes as they come, instead of iterating, and resolves behind the last. */
  push(take: (bytes: Uint8Array) => void): Promise<void>;
}

/** The part of a web stream that reads it, and leaves it during a read. */
interface WebStream {
  getReader(): {
    read(): Promise<{ done: boolean; value?: Uint8Array }>;
    cancel(): Promise<void>;
  };
}

/** The bytes of a body of any kind: `return` ends it, also while `next` is waiting. */
export function bytesOf(body: FetchResponse["body"]): AsyncIterator<Uint8Array, undefined> {
  if (body === null) return { next: async () => ({ done: true, value: undefined }) };
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

export async function pushBytes(
  bytes: AsyncIterator<Uint8Array>,
  take: (bytes: Uint8Array) => void,
): Promise<void> {
  for (let step = await bytes.next(); step.done !== true; step = await bytes.next()) take(step.value);
}
