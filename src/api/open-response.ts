import { connectionError } from "./connection-error.js";
import { HermError, TimeoutError, UnexpectedAnswerError } from "./errors.js";
import type { ExchangeAbort } from "./exchange-abort.js";
import { bytesOf, type FetchResponse, pushBytes } from "./fetch.js";

const maxBodyBytes = 64 * 1024 * 1024;
const decoder = new TextDecoder();

/** An answer with an unread body: one of `text`, `chunks` to its end, or `close` must come. */
export class OpenResponse {
  #bytes: AsyncIterator<Uint8Array, undefined> | undefined;

  constructor(
    private readonly answer: FetchResponse,
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

export function discardBody({ body }: FetchResponse): void {
  discard(bytesOf(body));
}

function discard(bytes: AsyncIterator<Uint8Array>): void {
  bytes.return?.().catch(() => {});
}
