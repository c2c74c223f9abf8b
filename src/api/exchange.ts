import { connectionError } from "./connection-error.js";
import { HermError, RedirectError, TimeoutError, UnexpectedAnswerError } from "./errors.js";
import { bytesOf, type FetchAnswer, type FetchInit, type FetchLike } from "./fetch.js";
import { Guard, type StartTimer } from "./guard.js";
import { assertSendable } from "./urls.js";

export interface ExchangeInput {
  fetch: FetchLike;
  url: string;
  method: string;
  headers: Record<string, string>;
  body?: string;
  /** Until the answer's headers. */
  timeoutMs: number;
  signal?: AbortSignal;
  timer: StartTimer;
}

const maxRedirects = 5;
const maxBodyBytes = 64 * 1024 * 1024;

/**
 * One sending of one request, up to the answer's headers; a same-origin redirect of a GET is followed. Throws
 * ConnectionError, TimeoutError, RedirectError, or the signal's reason.
 */
export class Exchange {
  readonly #input: ExchangeInput;
  readonly #guard: Guard;
  #url: URL;
  #sending: "unknown" | "connecting" | "connected" = "unknown";

  constructor(input: ExchangeInput) {
    this.#input = input;
    this.#url = new URL(input.url);
    this.#guard = new Guard(input.signal, input.timer);
  }

  async answer(): Promise<OpenAnswer> {
    const { timeoutMs } = this.#input;
    try {
      this.#guard.limit(timeoutMs, () => this.#timeout());
      const answer = await this.#follow();
      this.#guard.unlimit();
      return new OpenAnswer({ answer, guard: this.#guard, host: this.#url.host });
    } catch (error) {
      this.#guard.release();
      throw error;
    }
  }

  async #follow(): Promise<FetchAnswer> {
    for (let redirects = 0; ; redirects += 1) {
      const answer = await this.#sendOnce();
      if (answer.status < 300 || answer.status > 399) return answer;
      const next = this.#redirectTarget(answer);
      leaveBody(answer);
      if (next === undefined || redirects === maxRedirects) {
        throw new RedirectError(
          `${this.#url.host} redirects (${answer.status}): not followed`,
          answer.status,
        );
      }
      this.#url = next;
    }
  }

  #redirectTarget(answer: FetchAnswer): URL | undefined {
    const location = answer.headers.get("location");
    if (this.#input.method !== "GET" || location === null || !URL.canParse(location, this.#url.href)) return;
    const target = new URL(location, this.#url);
    if (target.origin !== this.#url.origin || target.username !== "" || target.password !== "") return;
    return target;
  }

  async #sendOnce(): Promise<FetchAnswer> {
    const { fetch, method, headers, body } = this.#input;
    this.#sending = "unknown";
    const guard = this.#guard;
    const init: FetchInit = {
      method,
      headers,
      get signal() {
        return guard.signal;
      },
      ending: guard,
      redirect: "manual",
      onConnecting: () => {
        this.#sending = "connecting";
      },
      onConnected: () => {
        this.#sending = "connected";
      },
    };
    if (body !== undefined) init.body = body;
    assertSendable(this.#url);
    try {
      if (guard.isOver) throw guard.reason;
      const late = fetch(this.#url.href, init);
      late.then(
        (answer) => guard.isOver && leaveBody(answer),
        () => {},
      );
      return await guard.wait(late);
    } catch (error) {
      if (guard.isOver) throw guard.reason;
      if (error instanceof HermError) throw error;
      throw connectionError(error, { host: this.#url.host, sending: this.#sending });
    }
  }

  #timeout(): TimeoutError {
    const { timeoutMs } = this.#input;
    const neverArrived = this.#sending === "connecting";
    return new TimeoutError(`${this.#url.host}: no answer`, { timeoutMs, neverArrived });
  }
}

function leaveBody({ body }: FetchAnswer): void {
  if (body !== null) leave(bytesOf(body));
}

/** Ends a body that won't be read further. */
function leave(bytes: AsyncIterator<Uint8Array>): void {
  bytes.return?.().catch(() => {});
}

/** An answer whose body is still to be read, or left: one of `text`, `chunks` to its end, or `close` must come. */
export class OpenAnswer {
  readonly status: number;
  readonly #answer: FetchAnswer;
  readonly #guard: Guard;
  readonly #host: string;
  #bytes: AsyncIterator<Uint8Array, undefined> | undefined;

  constructor({ answer, guard, host }: { answer: FetchAnswer; guard: Guard; host: string }) {
    this.status = answer.status;
    this.#answer = answer;
    this.#guard = guard;
    this.#host = host;
  }

  header(name: string): string | undefined {
    return this.#answer.headers.get(name) ?? undefined;
  }

  get requestId(): string | undefined {
    return this.header("x-request-id") ?? this.header("request-id");
  }

  /**
   * The whole body; `waitMs` is asked before each byte how long to wait for it. Throws ConnectionError where it
   * breaks off, TimeoutError where it stalls.
   */
  async text(waitMs: () => number): Promise<string> {
    const parts: Uint8Array[] = [];
    let length = 0;
    for (let part = await this.#next(waitMs); part !== undefined; part = await this.#next(waitMs)) {
      length += part.length;
      parts.push(part);
      if (length <= maxBodyBytes) continue;
      this.close();
      throw this.#tooLarge();
    }
    return Buffer.concat(parts, length).toString("utf8");
  }

  /** The body's bytes as they come; past `waitMs` without one: TimeoutError. Leaving the loop closes the connection. */
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

  /** The next bytes; nothing at the end. After that, or a failure, the connection is let go of. */
  async #next(waitMs: () => number): Promise<Uint8Array | undefined> {
    const bytes = this.#iterator();
    try {
      const limitMs = waitMs();
      this.#guard.limit(limitMs, () => this.#stalled(limitMs));
      const step = bytes && (await this.#guard.wait(bytes.next()));
      this.#guard.unlimit();
      if (step !== undefined && step.done !== true) return step.value;
      this.#guard.release();
      return undefined;
    } catch (error) {
      const reason = this.#guard.isOver
        ? this.#guard.reason
        : connectionError(error, { host: this.#host, sending: "connected" });
      this.close();
      throw reason;
    }
  }

  /** Ends the connection, whatever is still to come; a wait under way rejects with the reason. */
  close(reason: unknown = new Error("closed")): void {
    this.#guard.end(reason);
    const bytes = this.#iterator();
    if (bytes !== undefined) leave(bytes);
  }

  #iterator(): AsyncIterator<Uint8Array, undefined> | undefined {
    const { body } = this.#answer;
    if (body !== null) this.#bytes ??= bytesOf(body);
    return this.#bytes;
  }

  #stalled(timeoutMs: number): TimeoutError {
    const missing = `${this.#host}: no further byte of the answer`;
    return new TimeoutError(missing, { timeoutMs, neverArrived: false });
  }

  #tooLarge(): UnexpectedAnswerError {
    return new UnexpectedAnswerError(`${this.#host}: the answer is larger than 64 MiB`, {
      status: this.status,
    });
  }
}
