import { connectionError } from "./connection-error.js";
import { HermError, RedirectError, TimeoutError } from "./errors.js";
import type { FetchAnswer, FetchInit, FetchLike } from "./fetch.js";
import { Guard, type StartTimer } from "./guard.js";
import { discardBody, OpenAnswer } from "./open-answer.js";

interface ExchangeInput {
  fetch: FetchLike;
  url: string;
  host: string;
  method: string;
  headers: Record<string, string>;
  body: string | undefined;
  timeoutMs: number;
  signal: AbortSignal | undefined;
  timer: StartTimer;
}

const maxRedirects = 5;

/**
 * Sends one request once, up to the answer's headers; a same-origin redirect of a GET is followed. Throws
 * ConnectionError, TimeoutError, RedirectError, or the signal's reason.
 */
export class Exchange {
  readonly #input: ExchangeInput;
  readonly #guard: Guard;

  constructor(input: ExchangeInput) {
    this.#input = input;
    this.#guard = new Guard(input.signal, input.timer);
  }

  async answer(): Promise<OpenAnswer> {
    const { timeoutMs, host, url } = this.#input;
    const guard = this.#guard;
    try {
      guard.limit(timeoutMs, () => this.#timeout());
      const first = await this.#send(url);
      const answer = isRedirect(first) ? await this.#follow(first) : first;
      guard.unlimit();
      return new OpenAnswer({ answer, guard, host });
    } catch (error) {
      guard.release();
      if (guard.isOver) throw guard.reason;
      if (error instanceof HermError) throw error;
      throw connectionError(error, { host, sending: guard.sending });
    }
  }

  async #follow(first: FetchAnswer): Promise<FetchAnswer> {
    let answer = first;
    let url = new URL(this.#input.url);
    for (let redirects = 0; isRedirect(answer); redirects += 1) {
      const next = this.#redirectTarget(answer, url);
      discardBody(answer);
      if (next === undefined || redirects === maxRedirects) {
        const { status } = answer;
        throw new RedirectError(`${url.host} redirects (${status}): not followed`, status);
      }
      url = next;
      answer = await this.#send(url.href);
    }
    return answer;
  }

  #redirectTarget(answer: FetchAnswer, from: URL): URL | undefined {
    const location = answer.headers.get("location");
    if (this.#input.method !== "GET" || location === null || !URL.canParse(location, from.href)) return;
    const target = new URL(location, from);
    if (target.origin !== from.origin || target.username !== "" || target.password !== "") return;
    return target;
  }

  #send(url: string): Promise<FetchAnswer> {
    const { fetch, method, headers, body } = this.#input;
    const guard = this.#guard;
    if (guard.isOver) throw guard.reason;
    guard.sending = "unknown";
    const init: FetchInit = { method, headers, watch: guard, redirect: "manual" };
    if (fetch.isWatching !== true) init.signal = guard.signal;
    if (body !== undefined) init.body = body;
    return guard.wait(fetch(url, init), discardBody);
  }

  #timeout(): TimeoutError {
    const { timeoutMs, host } = this.#input;
    const neverArrived = this.#guard.sending === "connecting";
    return new TimeoutError(`${host}: no answer`, { timeoutMs, neverArrived });
  }
}

function isRedirect({ status }: FetchAnswer): boolean {
  return status >= 300 && status <= 399;
}
