/** One exchange with the API: its redirects, its body of limited size, and the wording of its errors. */

import {
  ApiError,
  AuthenticationError,
  ConflictError,
  connectionError,
  HermError,
  InsufficientCreditsError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  RedirectError,
  ServerError,
  TimeoutError,
  UnexpectedAnswerError,
  UnprocessableError,
  ValidationError,
} from "./errors.js";
import {
  bytesOf,
  type ExchangeAbort,
  type FetchInit,
  type FetchLike,
  type FetchResponse,
  pushBytes,
} from "./fetch.js";
import { isObject, mostLevels, parseJson, TooDeepError, textOf, tryJson } from "./json.js";
import { readRetryAfterMs } from "./retry/retry.js";
import type { Schema } from "./schema.js";

interface Exchange {
  fetch: FetchLike;
  url: string;
  host: string;
  method: string;
  headers: Record<string, string>;
  body: string | undefined;
  timeoutMs: number;
  exchangeAbort: ExchangeAbort;
}

const maxRedirects = 5;

/**
 * Sends one request once, up to the response's headers; follows a GET's same-origin redirect. Throws ConnectionError,
 * TimeoutError, RedirectError, or the signal's reason.
 */
export async function exchange(input: Exchange): Promise<OpenResponse> {
  const { timeoutMs, host, url, exchangeAbort } = input;
  try {
    exchangeAbort.limit(timeoutMs, () => {
      return new TimeoutError(`${host}: no answer`, {
        timeoutMs,
        neverArrived: exchangeAbort.sending === "connecting",
      });
    });
    const first = await send(input, url);
    const answer = isRedirect(first) ? await follow(input, first) : first;
    exchangeAbort.unlimit();
    return new OpenResponse(answer, exchangeAbort, host);
  } catch (error) {
    exchangeAbort.release();
    if (exchangeAbort.isOver) throw exchangeAbort.reason;
    if (error instanceof HermError) throw error;
    throw connectionError(error, { host, sending: exchangeAbort.sending });
  }
}

async function follow(input: Exchange, first: FetchResponse): Promise<FetchResponse> {
  let answer = first;
  let url = new URL(input.url);
  for (let redirects = 0; isRedirect(answer); redirects += 1) {
    const next = input.method === "GET" ? redirectTarget(answer, url) : undefined;
    discardBody(answer);
    if (next === undefined || redirects === maxRedirects) {
      const { status } = answer;
      throw new RedirectError(`${url.host} redirects (${status}): not followed`, status);
    }
    url = next;
    answer = await send(input, url.href);
  }
  return answer;
}

function redirectTarget(answer: FetchResponse, from: URL): URL | undefined {
  const location = answer.headers.get("location");
  if (location === null || !URL.canParse(location, from.href)) return undefined;
  const target = new URL(location, from);
  const hasUser = target.username !== "" || target.password !== "";
  return target.origin === from.origin && !hasUser ? target : undefined;
}

function send(
  { fetch, method, headers, body, exchangeAbort }: Exchange,
  url: string,
): Promise<FetchResponse> {
  if (exchangeAbort.isOver) throw exchangeAbort.reason;
  exchangeAbort.sending = "unknown";
  const init: FetchInit = { method, headers, watch: exchangeAbort, redirect: "manual" };
  if (fetch.isWatching !== true) init.signal = exchangeAbort.signal;
  if (body !== undefined) init.body = body;
  return exchangeAbort.wait(fetch(url, init), discardBody);
}

function isRedirect({ status }: FetchResponse): boolean {
  return status >= 300 && status <= 399;
}

const maxBodyBytes = 64 * 1024 * 1024;
const decoder = new TextDecoder();

/** A response with an unread body: the caller must read `text`, read `chunks` to the end, or `close` it. */
export class OpenResponse {
  #bytes: AsyncIterator<Uint8Array, undefined> | undefined;

  constructor(
    readonly answer: FetchResponse,
    private readonly exchangeAbort: ExchangeAbort,
    private readonly host: string,
  ) {}

  get status(): number {
    return this.answer.status;
  }

  header(name: string): string | undefined {
    return this.answer.headers.get(name) ?? undefined;
  }

  get requestId(): string | undefined {
    return this.header("x-request-id") ?? this.header("request-id");
  }

  /**
   * Reads the whole body without a byte order mark; `waitMs` limits the wait for each byte. Throws ConnectionError if
   * the body is cut off, TimeoutError if it stalls.
   */
  async text(waitMs: () => number): Promise<string> {
    const parts: Uint8Array[] = [];
    let length = 0;
    const take = (part: Uint8Array) => {
      parts.push(part);
      length += part.length;
      if (length <= maxBodyBytes) return this.#limit(waitMs());
      const message = `${this.host}: the response is larger than 64 MiB`;
      this.exchangeAbort.end(new UnexpectedAnswerError(message, { status: this.status }));
    };
    const { body } = this.answer;
    if (body === null) return this.#over("");
    try {
      this.#limit(waitMs());
      const given = "push" in body ? body.push(take) : pushBytes(this.#iterator(), take);
      await this.exchangeAbort.wait(given);
    } catch (error) {
      throw this.#failure(error);
    }
    return this.#over(decoder.decode(joined(parts, length)));
  }

  /** Yields the body's bytes as they arrive; throws TimeoutError after `waitMs`. Leaving the loop disconnects. */
  async *chunks(waitMs: () => number): AsyncGenerator<Uint8Array, void> {
    let isOver = false;
    try {
      for (let part = await this.#next(waitMs); part !== undefined; part = await this.#next(waitMs))
        yield part;
      isOver = true;
    } finally {
      if (!isOver) this.close();
    }
  }

  async #next(waitMs: () => number): Promise<Uint8Array | undefined> {
    try {
      this.#limit(waitMs());
      const step = await this.exchangeAbort.wait(this.#iterator().next());
      this.exchangeAbort.unlimit();
      return step.done === true ? this.#over(undefined) : step.value;
    } catch (error) {
      throw this.#failure(error);
    }
  }

  /** Ends the connection; a pending wait rejects with the reason. */
  close(reason: unknown = new Error("closed")): void {
    this.exchangeAbort.end(reason);
    discard(this.#iterator());
  }

  /** Closes the connection. Returns the read error, or the reason for ending it. */
  #failure(error: unknown): unknown {
    const { isOver, reason } = this.exchangeAbort;
    this.close();
    if (isOver || error instanceof HermError) return isOver ? reason : error;
    return connectionError(error, { host: this.host, sending: "connected" });
  }

  #over<T>(value: T): T {
    this.exchangeAbort.release();
    return value;
  }

  #iterator(): AsyncIterator<Uint8Array, undefined> {
    this.#bytes ??= bytesOf(this.answer.body);
    return this.#bytes;
  }

  #limit(ms: number): void {
    this.exchangeAbort.limit(ms, () => {
      const missing = `${this.host}: the rest of the response never arrived`;
      return new TimeoutError(missing, { timeoutMs: ms, neverArrived: false });
    });
  }
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function discardBody({ body }: FetchResponse): void {
  discard(bytesOf(body));
}

function discard(bytes: AsyncIterator<Uint8Array>): void {
  bytes.return?.().catch(() => {});
}

/** The error for each status, and its code if the body has none. */
const kinds = new Map<number, readonly [kind: typeof ApiError, code: string]>([
  [400, [ValidationError, "validation_error"]],
  [401, [AuthenticationError, "unauthorized"]],
  [402, [InsufficientCreditsError, "insufficient_credits"]],
  [403, [PermissionDeniedError, "forbidden"]],
  [404, [NotFoundError, "not_found"]],
  [409, [ConflictError, "deployment_not_ready"]],
  [422, [UnprocessableError, "error"]],
  [429, [RateLimitError, "rate_limited"]],
]);

interface ErrorReading {
  waitMs(): number;
  /** Removes the key from text, in case the server repeats it. */
  redact(text: string): string;
  path: string;
  now: number;
}

/** Length limit for a message, because a response may contain a whole page instead of a sentence. */
const mostCharacters = 500;

/**
 * Reads the API's error in every form that src/api/README.md ("Errors") names, including a problem (RFC 9457), plain
 * text, and an empty or foreign body. Its message has 500 characters at most.
 */
export async function readError(answer: OpenResponse, reading: ErrorReading): Promise<ApiError> {
  const { status } = answer;
  // If the body is cut off, the status is enough.
  const body = reading.redact(await answer.text(reading.waitMs).catch(() => ""));
  const said = wordsOf(body);
  // A page from a proxy doesn't show whether the API has the object.
  const isForeign = body.trim() !== "" && tryJson(body) === undefined;
  const retryAfterMs = readRetryAfterMs((name) => answer.header(name), reading.now);
  const isServers = status >= 500;
  const [Kind, code] = kinds.get(status) ?? (isServers ? [ServerError, "server_error"] : [ApiError, "error"]);
  return new Kind({
    status,
    code: said.code ?? (status === 404 && isForeign ? "error" : code),
    message: said.message === undefined ? fallbackMessage(status, body, said.code) : shortened(said.message),
    path: reading.path,
    requestId: answer.requestId === undefined ? said.requestId : reading.redact(answer.requestId),
    body,
    retryAfterMs,
    retryAt: retryAfterMs === undefined ? undefined : new Date(reading.now + retryAfterMs),
  });
}

function fallbackMessage(status: number, body: string, code: string | undefined): string {
  const bare = `the API answered ${status}`;
  const value = code ?? tryJson(body);
  if (body.trim() === "" || (value !== undefined && !saysAnything(value))) return bare;
  if (typeof value === "string") return `${bare}: ${shortened(inOneLine(value))}`;
  const kind = kindOf(body);
  return kind === "text" ? `${bare}: ${shortened(inOneLine(body))}` : `${bare} with ${kind} instead of JSON`;
}

function saysAnything(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return value !== null && value !== "";
  return Object.values(value).some(saysAnything);
}

function inOneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

function shortened(text: string): string {
  const characters = Array.from(text.slice(0, 2 * mostCharacters + 1));
  return characters.length <= mostCharacters ? text : `${characters.slice(0, mostCharacters - 1).join("")}…`;
}

function wordsOf(body: string): { code?: string; message?: string; requestId?: string } {
  const object = tryJson(body);
  if (!isObject(object)) return {};
  const inner = isObject(object.error) ? object.error : {};
  const plain = textOf(object.error);
  const isWord = plain !== undefined && /^[a-z0-9_.-]+$/i.test(plain);
  return {
    code: textOf(inner.code) ?? textOf(inner.type) ?? (isWord ? plain : undefined) ?? textOf(object.code),
    message:
      textOf(inner.message) ??
      textOf(object.message) ??
      (isWord ? undefined : plain) ??
      textOf([object.title, object.detail].flatMap((each) => textOf(each) ?? []).join(" ")),
    requestId: textOf(object.request_id) ?? textOf(inner.request_id),
  };
}

/** True if the API itself answers that the object doesn't exist. */
export function saysNotThere(failure: unknown): boolean {
  return failure instanceof NotFoundError && failure.code === "not_found";
}

/**
 * Reads a 2xx response to a DELETE. Throws UnexpectedAnswerError unless it confirms the deletion: a 204, or an empty
 * body with any status except 202.
 */
export async function readDeletion(answer: OpenResponse, { leftMs }: { leftMs(): number }): Promise<void> {
  const body = await answer.text(leftMs).catch(() => undefined);
  const { status, requestId } = answer;
  if (status === 204 || (body === "" && status !== 202)) return;
  const what = body === undefined ? ", and only in part" : kindOf(body) === "HTML" ? " with HTML" : "";
  throw new UnexpectedAnswerError(`the API answered ${status}${what}`, { status, requestId });
}

/** Reads a 2xx response's object. Throws UnexpectedAnswerError if it isn't an object, or has no id. */
export async function readObject<T extends object>(
  answer: OpenResponse,
  { waitMs, schema }: { waitMs(): number; schema: Schema<T> },
): Promise<T> {
  const text = await answer.text(waitMs);
  const refused = (what: string, cause?: unknown) => {
    const { status, requestId } = answer;
    return new UnexpectedAnswerError(`the API answered ${status} with ${what}`, { status, requestId, cause });
  };
  try {
    const value = parseJson(text);
    const valid = schema.validate(value);
    if (valid !== undefined) return valid;
    throw refused(isObject(value) ? `no ${schema.idField} in it` : "JSON that isn't an object");
  } catch (error) {
    if (error instanceof UnexpectedAnswerError) throw error;
    if (error instanceof TooDeepError)
      throw refused(`JSON nested more than ${mostLevels} levels deep`, error);
    throw refused(`${kindOf(text)} instead of JSON`, error);
  }
}

function kindOf(text: string): string {
  if (text.trim() === "") return "nothing";
  return /^\s*(<!doctype|<html|<\?xml|<head|<body)/i.test(text) ? "HTML" : "text";
}
