import { connectionError } from "./connection-error.js";
import { HermError, RedirectError, TimeoutError, UnexpectedAnswerError } from "./errors.js";
import type { ExchangeAbort } from "./exchange-abort.js";
import { bytesOf, type FetchInit, type FetchLike, type FetchResponse, pushBytes } from "./fetch.js";

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
 * Sends one request once, up to the answer's headers; a same-origin redirect of a GET is followed. Throws
 * ConnectionError, TimeoutError, RedirectError, or the signal's reason.
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

/** An answer with an unread body: one of `text`, `chunks` to its end, or `close` must come. */
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
   * Reads the whole body without a byte order mark; `waitMs` is the limit for each next byte. Throws ConnectionError
   * where it breaks off, TimeoutError where it stalls.
   */
  async text(waitMs: () => number): Promise<string> {
    const parts: Uint8Array[] = [];
    let length = 0;
    const take = (part: Uint8Array) => {
      parts.push(part);
      length += part.length;
      if (length <= maxBodyBytes) return this.#limit(waitMs());
      const message = `${this.host}: the answer is larger than 64 MiB`;
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

  /**
   * Yields the body's bytes as they come; past `waitMs` without one: TimeoutError. Leaving the loop closes the
   * connection.
   */
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

  /** Ends the connection, whatever is still to come; a wait rejects with the reason. */
  close(reason: unknown = new Error("closed")): void {
    this.exchangeAbort.end(reason);
    discard(this.#iterator());
  }

  /** Closes the connection. Returns what reading failed with, or what ended it. */
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
      const missing = `${this.host}: the rest of the answer never came`;
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
