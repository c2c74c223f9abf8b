/** The `fetch` that sends a call, the checks of its URL and key, and its end. */

import { onAbort } from "./abort.js";
import { ApiKeyError, InvalidIdError, InvalidUrlError } from "./errors.js";

/**
 * The transport of every request, shaped like the global fetch, so that `fetch` itself or the local server's app
 * fits. The command uses node:http(s) (transport/http.ts), because the global one triples every command's time.
 */
export interface FetchLike {
  (url: string, init: FetchInit): Promise<FetchResponse>;
  /** True if it uses `init.watch`, and so needs no signal. */
  readonly isWatching?: boolean;
}

export interface FetchInit {
  method: string;
  headers: Record<string, string>;
  body?: string;
  /** Ends the request or the reading of its body, at any time. */
  signal?: Signal;
  /** The same for the command's transport, because a signal costs a tenth of a request's time. */
  watch: RequestWatch;
  /** Always "manual": the transport returns redirects and never follows them. */
  redirect: "manual";
}

/**
 * The two-way link between a request and its transport. One object with methods, because closures over a request would
 * live until V8 collects its whole heap.
 */
export type RequestWatch = Pick<
  ExchangeAbort,
  "isOver" | "reason" | "connecting" | "connected" | "destroyAtEnd"
>;

export interface FetchResponse {
  status: number;
  headers: { get(name: string): string | null };
  /** Null if there is none. Leaving the loop closes the connection. */
  body: AsyncIterable<Uint8Array> | PushBody | WebStream | null;
}

/** A body that pushes its bytes, which costs less than requesting each chunk. */
export interface PushBody extends AsyncIterable<Uint8Array> {
  /** Instead of iteration: calls `take` with the bytes as they arrive, and resolves after the last. */
  push(take: (bytes: Uint8Array) => void): Promise<void>;
}

/** A web stream's readable side, which can be abandoned in the middle of a read. */
interface WebStream {
  getReader(): {
    read(): Promise<{ done: boolean; value?: Uint8Array }>;
    cancel(): Promise<void>;
  };
}

/** The bytes of any kind of body; `return` ends the iteration even while `next` is waiting. */
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

const loopback = /^(localhost|\[::1\]|127\.\d{1,3}\.\d{1,3}\.\d{1,3})$/;
// A slash would change the path, % could be decoded twice, and the others end or split a path.
const notInAnId = /[\s/\\?#%\p{Cc}\p{Cf}\p{Cs}]/u;

/** Throws InvalidUrlError unless a key may be sent to the URL: https, or http to this machine, and no user info. */
export function assertSendable(
  url: Record<"protocol" | "username" | "password" | "hostname" | "host", string>,
): void {
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new InvalidUrlError(`${url.protocol} can't be used to reach the API: use https://`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new InvalidUrlError("the API's URL must not contain a user name or password");
  }
  if (url.protocol === "http:" && !loopback.test(url.hostname)) {
    throw new InvalidUrlError(`plain http is allowed only for this machine: use https://${url.host}`);
  }
}

/** Removes a trailing slash; throws InvalidUrlError. */
export function parseBaseUrl(text: string): string {
  if (!URL.canParse(text)) throw new InvalidUrlError("the API's URL is not a URL");
  const url = new URL(text);
  assertSendable(url);
  if (url.search !== "" || url.hash !== "") {
    throw new InvalidUrlError("the API's URL must not have a query or a fragment");
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}

/** Tag for paths: encodes every id, and throws InvalidIdError for one that isn't a single plain segment. */
export function path(texts: TemplateStringsArray, ...ids: readonly string[]): string {
  return texts.reduce((made, text, index) => made + encodeId(ids[index - 1]) + text);
}

function encodeId(id: unknown): string {
  if (typeof id !== "string" || id === "") throw new InvalidIdError("an id is missing");
  if (id === "." || id === ".." || notInAnId.test(id)) {
    throw new InvalidIdError(`${JSON.stringify(id)} is not an id`);
  }
  return encodeURIComponent(id);
}

export type Query = Readonly<Record<string, string | number | undefined>>;

export function withQuery(bare: string, query: Query | undefined): string {
  if (query === undefined) return bare;
  const pairs = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null) pairs.append(name, String(value));
  }
  return pairs.size === 0 ? bare : `${bare}?${pairs}`;
}

/** Throws ApiKeyError if the key is missing or can't be part of a header. */
export function checkedKey(key: string | undefined): string {
  if (key === undefined || key === "") {
    throw new ApiKeyError("there is no API key: pass apiKey, or set HERM_API_KEY or PRISM_API_KEY");
  }
  if (!/^[\x21-\x7e]+$/.test(key)) {
    throw new ApiKeyError("the API key has characters that can't be in a key");
  }
  return key;
}

/** Calls the function for the key. Throws ApiKeyError if it returns none; no request is sent then. */
export async function askedKey(ask: () => string | Promise<string>): Promise<string> {
  try {
    return checkedKey(await ask());
  } catch (cause) {
    throw cause instanceof ApiKeyError
      ? cause
      : new ApiKeyError("the function apiKey returned no key", { cause });
  }
}

/** The AbortSignal of the importing program: these types declare no global that may be missing there. */
export type Signal = typeof globalThis extends { AbortSignal: { prototype: infer Its } }
  ? Its
  : { readonly aborted: boolean };

/** Calls `fire` after `ms` milliseconds, unless the returned function is called first. */
export type StartTimer = (ms: number, fire: () => void) => () => void;

export const startTimer: StartTimer = (ms, fire) => {
  const timer = setTimeout(fire, Math.min(ms, 2 ** 31 - 1));
  return () => clearTimeout(timer);
};

/**
 * Ends one exchange early: by the caller's signal, or an adjustable time limit. Allows one wait at a time. A transport
 * reports the request's progress to it.
 */
export class ExchangeAbort {
  sending: "unknown" | "connecting" | "connected" = "unknown";
  readonly #leaveOuter: (() => void) | undefined;
  #controller: AbortController | undefined;
  #end: { reason: unknown } | undefined;
  readonly #sent: { destroy(error: Error): void }[] = [];
  #stopTimer: (() => void) | undefined;
  #endWait: ((reason: unknown) => void) | undefined;

  constructor(
    outer: Signal | undefined,
    private readonly start: StartTimer,
  ) {
    if (outer?.aborted === true) this.end(outer.reason);
    else if (outer !== undefined) this.#leaveOuter = onAbort(outer, () => this.end(outer.reason));
  }

  get isOver(): boolean {
    return this.#end !== undefined;
  }

  get reason(): unknown {
    return this.#end?.reason;
  }

  /** A new connection is being made: no request can have arrived yet. */
  connecting(): void {
    this.sending = "connecting";
  }

  /** From this point on, the request may have reached the server. */
  connected(): void {
    this.sending = "connected";
  }

  get signal(): Signal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#end !== undefined) this.#controller.abort(this.#end.reason);
    }
    return this.#controller.signal;
  }

  destroyAtEnd(sent: { destroy(error: Error): void }): void {
    this.#sent.push(sent);
    if (this.isOver) sent.destroy(new Error("aborted"));
  }

  /** Replaces the limit: after `ms`, the guard ends with the error from `reason`. */
  limit(ms: number, reason: () => Error): void {
    this.#stopTimer?.();
    this.#stopTimer = this.start(ms, () => this.end(reason()));
  }

  unlimit(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }

  /** Waits for the work, or rejects with the guard's reason if that happens first; `late` receives a later result. */
  wait<T>(work: Promise<T>, late?: (value: T) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      work.then((value) => (this.isOver ? late?.(value) : resolve(value)), reject);
      if (this.#end !== undefined) reject(this.#end.reason);
      else this.#endWait = reject;
    });
  }

  /** Ends the exchange: notifies the transport and rejects the pending wait. Later calls do nothing. */
  end(reason: unknown): void {
    this.release();
    if (this.#end !== undefined) return;
    this.#end = { reason };
    for (const sent of this.#sent) sent.destroy(new Error("aborted"));
    this.#controller?.abort(reason);
    this.#endWait?.(reason);
  }

  release(): void {
    this.unlimit();
    this.#leaveOuter?.();
  }
}
