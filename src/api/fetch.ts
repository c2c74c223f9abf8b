/**
 * The seam that every request goes through: shaped like the global fetch, so that `fetch` itself, or the local
 * server's app, fits. The client's own transport is node:http(s), since the global one triples every command's time.
 */
export type FetchLike = (url: string, init: FetchInit) => Promise<FetchAnswer>;

export interface FetchInit {
  method: string;
  headers: Record<string, string>;
  body?: string;
  /** Ends the request, and the body's reading, at any time. */
  signal?: AbortSignal;
  /** Always "manual": a redirect is answered, never followed, by the transport. */
  redirect: "manual";
  /** Called by a transport that can tell: a new connection is being made, nothing can have arrived yet. */
  onConnecting?(): void;
  /** Called by the same transport from the moment that the request may arrive. */
  onConnected?(): void;
}

export interface FetchAnswer {
  status: number;
  headers: { get(name: string): string | null };
  /** The body's bytes as they come; null if there is none. Leaving it closes the connection. */
  body: AsyncIterable<Uint8Array> | WebStream | null;
}

/** As much of a web stream as is needed to read it, and to leave it while a read is under way. */
interface WebStream {
  getReader(): {
    read(): Promise<{ done: boolean; value?: Uint8Array }>;
    cancel(): Promise<void>;
  };
}

/** The bytes of a body, whichever kind it is: `return` ends it, also while `next` is waiting. */
export function bytesOf(body: NonNullable<FetchAnswer["body"]>): AsyncIterator<Uint8Array, undefined> {
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
