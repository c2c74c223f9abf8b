/** The fetch that sends a call: its URL and key, checked first, and how it ends. */

import { onAbort } from "./abort.js";
import { ApiKeyError, InvalidIdError, InvalidUrlError } from "./errors.js";

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

const loopback = /^(localhost|\[::1\]|127\.\d{1,3}\.\d{1,3}\.\d{1,3})$/;
// A slash would climb, % could be decoded twice, the rest ends or splits a path.
const notInAnId = /[\s/\\?#%\p{Cc}\p{Cf}\p{Cs}]/u;

/**
 * Throws InvalidUrlError unless a key may be sent there: https, or http to this machine, and no user info. No name is
 * looked up.
 */
export function assertSendable(
  url: Record<"protocol" | "username" | "password" | "hostname" | "host", string>,
): void {
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new InvalidUrlError(`${url.protocol} can't be used to reach the API: use https://`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new InvalidUrlError("the API's URL must not hold a user name or password");
  }
  if (url.protocol === "http:" && !loopback.test(url.hostname)) {
    throw new InvalidUrlError(`plain http is only for this machine: use https://${url.host}`);
  }
}

/** Removes a slash at the end; throws InvalidUrlError. */
export function parseBaseUrl(text: string): string {
  if (!URL.canParse(text)) throw new InvalidUrlError("the API's URL is not a URL");
  const url = new URL(text);
  assertSendable(url);
  if (url.search !== "" || url.hash !== "") {
    throw new InvalidUrlError("the API's URL must not have a query or a fragment");
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}

/** Tag for paths: every id in it is encoded, and one that isn't a single plain segment throws InvalidIdError. */
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

/** Throws ApiKeyError for none, and for one that can't stand in a header. */
export function checkedKey(key: string | undefined): string {
  if (key === undefined || key === "") {
    throw new ApiKeyError("there is no API key: pass apiKey, or set HERM_API_KEY or PRISM_API_KEY");
  }
  if (!/^[\x21-\x7e]+$/.test(key)) {
    throw new ApiKeyError("the API key has characters that can't be in a key");
  }
  return key;
}

/** The key that the function gives. Throws ApiKeyError where it gives none: then nothing is sent. */
export async function askedKey(ask: () => string | Promise<string>): Promise<string> {
  try {
    return checkedKey(await ask());
  } catch (cause) {
    throw cause instanceof ApiKeyError
      ? cause
      : new ApiKeyError("the function apiKey gave no key", { cause });
  }
}

/** The AbortSignal of the program that imports these types: they declare no global that it may lack. */
export type Signal = typeof globalThis extends { AbortSignal: { prototype: infer Its } }
  ? Its
  : { readonly aborted: boolean };

/** Calls `fire` once after `ms` milliseconds, unless the returned function is called before. */
export type StartTimer = (ms: number, fire: () => void) => () => void;

export const startTimer: StartTimer = (ms, fire) => {
  const timer = setTimeout(fire, Math.min(ms, 2 ** 31 - 1));
  return () => clearTimeout(timer);
};

/**
 * Ends one exchange early: by the caller's signal, or a time limit that can be set anew. One wait at a time. A
 * transport reports to it how far the request is.
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

  /** A new connection is being made: nothing can have arrived yet. */
  connecting(): void {
    this.sending = "connecting";
  }

  /** The request may arrive from now on. */
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

  /** Destroys a sent request when it is to end, or at once. */
  destroyAtEnd(sent: { destroy(error: Error): void }): void {
    this.#sent.push(sent);
    if (this.isOver) sent.destroy(new Error("aborted"));
  }

  /** Replaces the limit: past `ms`, the guard ends with what `reason` makes. */
  limit(ms: number, reason: () => Error): void {
    this.#stopTimer?.();
    this.#stopTimer = this.start(ms, () => this.end(reason()));
  }

  unlimit(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }

  /** Waits for the work, or rejects with the guard's reason if that comes first; `late` is given what comes after it. */
  wait<T>(work: Promise<T>, late?: (value: T) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      work.then((value) => (this.isOver ? late?.(value) : resolve(value)), reject);
      if (this.#end !== undefined) reject(this.#end.reason);
      else this.#endWait = reject;
    });
  }

  /** Ends the exchange: the transport is told, a wait rejects. Only the first end counts. */
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
