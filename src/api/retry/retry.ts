import {
  ApiError,
  ApiKeyError,
  ConnectionError,
  isCertificateFault,
  ProxyError,
  RateLimitError,
  RedirectError,
  TimeoutError,
  UnexpectedAnswerError,
} from "../errors.js";

/**
 * `safe`: GET. `convergent`: DELETE, and PATCH to fixed values. `once`: a POST that creates, triggers or says
 * something; it is sent again only where it provably never arrived or got a 429.
 */
export type RequestKind = "safe" | "convergent" | "once";

const retriedStatuses = new Set([408, 429, 500, 502, 503, 504]);
/** Redirects of a change that ask for it elsewhere; any other may follow on what was done. */
const movedStatuses = new Set([301, 307, 308]);
const longestTimerMs = 2 ** 31 - 1;

/** Full jitter before attempt `attempt` + 1 (the first is 1): uniform in 0…min(20 s, 0.5 s · 2ⁿ). `random` is in [0, 1). */
export function retryDelayMs(attempt: number, random: number): number {
  return random * Math.min(20_000, 500 * 2 ** (attempt - 1));
}

/** True where the failure proves that the request changed nothing: it never arrived, was refused, or sent elsewhere. */
export function changedNothing(failure: unknown): boolean {
  if (failure instanceof ConnectionError || failure instanceof TimeoutError) return failure.neverArrived;
  if (failure instanceof ApiError) return failure.status < 500 && failure.status !== 408;
  if (failure instanceof ApiKeyError) return true;
  return failure instanceof RedirectError && movedStatuses.has(failure.status);
}

/** True where the attempt got no answer, or one of a server that may go on: it may take effect for 16 s. */
export function isLost(failure: unknown): boolean {
  const isAnswered = failure instanceof UnexpectedAnswerError || failure instanceof RedirectError;
  return !isAnswered && !changedNothing(failure);
}

export function isRetriable(kind: RequestKind, failure: unknown): boolean {
  if (isPermanent(failure)) return false;
  const isTransient =
    failure instanceof ConnectionError ||
    failure instanceof TimeoutError ||
    (failure instanceof ApiError && retriedStatuses.has(failure.status));
  return isTransient && (kind !== "once" || changedNothing(failure));
}

/** A proxy that refused will do so again, and a certificate stays as it is. */
function isPermanent(failure: unknown): boolean {
  if (failure instanceof ProxyError && failure.status !== undefined)
    return !retriedStatuses.has(failure.status);
  return failure instanceof ConnectionError && isCertificateFault(failure);
}

/**
 * Milliseconds from its answer until the server wants to be asked again: `retry-after-ms`, then `Retry-After` as
 * seconds or as a date, which is measured against the answer's own `Date`. Undefined for nonsense and for the past.
 */
export function readRetryAfterMs(
  header: (name: string) => string | undefined,
  now: number,
): number | undefined {
  const inMs = digits(header("retry-after-ms"));
  if (inMs !== undefined) return Math.min(inMs, longestTimerMs);
  const text = header("retry-after")?.trim();
  const inSeconds = digits(text);
  if (inSeconds !== undefined) return Math.min(inSeconds * 1000, longestTimerMs);
  const date = httpDate(text);
  if (date === undefined) return undefined;
  const waitMs = date - (httpDate(header("date")) ?? now);
  return waitMs > 0 ? Math.min(waitMs, longestTimerMs) : undefined;
}

function digits(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text.trim()) ? Number(text) : undefined;
}

// The three forms of an HTTP date begin with a weekday; Date.parse alone would take "1e9" or "2" for one.
function httpDate(text: string | undefined): number | undefined {
  if (text === undefined || !/^(mon|tue|wed|thu|fri|sat|sun)[a-z]*,? /i.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

/** Limits retries, so that many requests to a dead API don't become four times as many. */
export class RetryBudget {
  /** Fifths of a retry, so that sums stay exact. */
  #fifths = 10 * 5;

  /** Begins with ten, and never holds more than `most`. */
  constructor(private readonly most = 50) {}

  take(): boolean {
    if (this.#fifths < 5) return false;
    this.#fifths -= 5;
    return true;
  }

  earn(): void {
    this.#fifths = Math.min(this.most * 5, this.#fifths + 1);
  }
}

export const processRetryBudget = new RetryBudget();

/** Number of requests that were asked to wait, without a success between, from which on all others wait too. */
const leastForAll = 3;

interface AskedWait {
  kind: RequestKind;
  untilMs: number;
  error: RateLimitError;
}

/**
 * A pause of all requests of a client. A 429 with `Retry-After` holds its own request alone: one thing may have a limit of
 * its own. Three requests' without a success between are everybody's.
 */
export class RateLimitPause {
  #longest: AskedWait | undefined;
  readonly #asked = new Map<object, AskedWait>();
  /** The number of pauses, by which a waiter tells a new one from the one that it waited for. */
  count = 0;

  add(request: object, wait: AskedWait): void {
    this.#asked.set(request, wait);
    if (this.#asked.size < leastForAll) return;
    for (const each of this.#asked.values()) {
      if (each.untilMs <= (this.#longest?.untilMs ?? Number.NEGATIVE_INFINITY)) continue;
      this.#longest = each;
      this.count += 1;
    }
  }

  /** Notes a success. That of a read proves nothing for changes, which may have a limit of their own. */
  succeed(kind: RequestKind): void {
    for (const [request, wait] of this.#asked)
      if (kind !== "safe" || wait.kind === "safe") this.#asked.delete(request);
  }

  /** The error of a request that can't wait so long; it was never sent. */
  refusal(): RateLimitError {
    const { code = "rate_limited", retryAt, retryAfterMs } = this.#longest?.error ?? {};
    const message = "not sent: the API is limiting requests";
    return new RateLimitError({ status: 429, code, message, retryAt, retryAfterMs });
  }

  leftMs(nowMs: number): number {
    return Math.max(0, (this.#longest?.untilMs ?? nowMs) - nowMs);
  }
}
