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
 * `safe`: GET. `convergent`: DELETE, and PATCH to fixed values. `once`: a POST that creates, triggers or sends a
 * message; retried only if it provably never arrived or got a 429.
 */
export type RequestKind = "safe" | "convergent" | "once";

const retriedStatuses = new Set([408, 429, 500, 502, 503, 504]);
/** Redirects that ask for the change to be sent elsewhere; any other may be the response to a completed change. */
const movedStatuses = new Set([301, 307, 308]);
const longestTimerMs = 2 ** 31 - 1;

/** Full jitter before attempt `attempt` + 1 (the first is 1): uniform in 0…min(20 s, 0.5 s · 2ⁿ). `random` is in [0, 1). */
export function retryDelayMs(attempt: number, random: number): number {
  return random * Math.min(20_000, 500 * 2 ** (attempt - 1));
}

/** True if the failure proves that the request changed nothing: it never arrived, was refused or redirected. */
export function changedNothing(failure: unknown): boolean {
  if (failure instanceof ConnectionError || failure instanceof TimeoutError) return failure.neverArrived;
  if (failure instanceof ApiError) return failure.status < 500 && failure.status !== 408;
  if (failure instanceof ApiKeyError) return true;
  return failure instanceof RedirectError && movedStatuses.has(failure.status);
}

/** True if an attempt may take effect within 16 s: it got no response, or one after which a server may continue. */
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

/** A proxy that refused will refuse again, and a certificate won't change. */
function isPermanent(failure: unknown): boolean {
  if (failure instanceof ProxyError && failure.status !== undefined)
    return !retriedStatuses.has(failure.status);
  return failure instanceof ConnectionError && isCertificateFault(failure);
}

/**
 * Milliseconds from the response to the server's earliest retry: `retry-after-ms`, then `Retry-After` as seconds or
 * as a date, relative to the response's own `Date`. Undefined for invalid and past values.
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

// HTTP dates in all three forms start with a weekday; Date.parse alone would accept "1e9" or "2".
function httpDate(text: string | undefined): number | undefined {
  if (text === undefined || !/^(mon|tue|wed|thu|fri|sat|sun)[a-z]*,? /i.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

/** Limits retries, so that they don't quadruple the load on an API that is down. */
export class RetryBudget {
  /** Counted in fifths of a retry, so that sums are exact. */
  #fifths = 10 * 5;

  /** Starts with ten, and never exceeds `most`. */
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

/** After this many requests in a row were asked to wait, without a success between them, all others wait too. */
const leastForAll = 3;

interface AskedWait {
  kind: RequestKind;
  untilMs: number;
  error: RateLimitError;
}

/**
 * A pause of all of a client's requests. A 429 with `Retry-After` pauses only its own request, because an endpoint
 * may have its own limit. Three such requests without a success between them pause all.
 */
export class RateLimitPause {
  #longest: AskedWait | undefined;
  readonly #asked = new Map<object, AskedWait>();
  /** The number of pauses so far, so that a waiting request recognises a new one. */
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

  /** Notes a success. A read's success doesn't count for changes, which may have their own limit. */
  succeed(kind: RequestKind): void {
    for (const [request, wait] of this.#asked)
      if (kind !== "safe" || wait.kind === "safe") this.#asked.delete(request);
  }

  /** The error for a request that can't wait that long and was never sent. */
  refusal(): RateLimitError {
    const { code = "rate_limited", retryAt, retryAfterMs } = this.#longest?.error ?? {};
    const message = "not sent: the API is limiting requests";
    return new RateLimitError({ status: 429, code, message, retryAt, retryAfterMs });
  }

  leftMs(nowMs: number): number {
    return Math.max(0, (this.#longest?.untilMs ?? nowMs) - nowMs);
  }
}
