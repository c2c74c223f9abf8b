/** Attempts of one request, and later reads of a change whose outcome is unknown. */

import { innerController } from "../abort.js";
import {
  AmbiguousError,
  ApiError,
  HermError,
  RateLimitError,
  type SentChange,
  TimeoutError,
  UnchangedError,
} from "../errors.js";
import type { AttemptInfo, CallOptions, RequesterSettings } from "../request-options.js";
import type { OpenRequest, OpenRequests, OutageRetry } from "./outage-retry.js";
import {
  changedNothing,
  isLost,
  isRetriable,
  type RateLimitPause,
  type RequestKind,
  retryDelayMs,
} from "./retry.js";

/** The state that all requests of one client share. */
export interface Pace extends Pick<RequesterSettings, "retryBudget" | "sleep" | "monotonic" | "random"> {
  hold: RateLimitPause;
  openRequests: OpenRequests;
}

export interface RetryRules extends Pick<CallOptions, "signal" | "stopSignal" | "beforeResend"> {
  pace: Pace;
  kind: RequestKind;
  path: string;
  maxAttempts: number;
  timeoutMs: number;
  maxWaitMs: number;
  /** For work on many automations: replaces `maxAttempts`, the budget and, after the first attempt, `maxWaitMs`. */
  outageRetry: OutageRetry | undefined;
  onAttempt:
    | ((attempt: Pick<AttemptInfo, "attempt" | "durationMs" | "failure" | "delayMs">) => void)
    | undefined;
}

export type AttemptsOutcome<T> =
  | { isDone: true; value: T }
  | {
      isDone: false;
      failure: unknown;
      mayHaveTakenEffect: boolean;
      isLost: boolean;
    };

/**
 * Repeats `attempt` until it succeeds or the rules stop it. Never rejects: if the signal ends it, the failure is the
 * signal's reason. `leftMs`: the rest of `maxWaitMs`, for one attempt; a wait that would exceed it isn't started.
 */
export async function attemptRepeatedly<T>(
  rules: RetryRules,
  attempt: (leftMs: () => number) => Promise<T>,
): Promise<AttemptsOutcome<T>> {
  rules.outageRetry?.begin(rules.kind);
  const attempts = new Attempts(rules);
  try {
    return { isDone: true, value: await attempts.run(attempt) };
  } catch (failure) {
    if (failure instanceof HermError) failure.tried = attempts.tried;
    const { mayHaveTakenEffect, isLost } = attempts;
    return { isDone: false, failure, mayHaveTakenEffect, isLost };
  } finally {
    attempts.end();
  }
}

class Attempts {
  readonly #startedMs: number;
  readonly #request: OpenRequest;
  #count = 0;
  /** The last shared pause that this request waited out. */
  #heldFor = 0;
  #earlier: unknown;
  mayHaveTakenEffect = false;
  isLost = false;

  constructor(private readonly rules: RetryRules) {
    this.#startedMs = rules.pace.monotonic();
    const { kind, timeoutMs, maxWaitMs } = rules;
    // Such a request is retried only if it surely never arrived, so its limit is that of one attempt.
    const limitMs = kind === "once" ? Math.min(timeoutMs, maxWaitMs) : maxWaitMs;
    this.#request = rules.pace.openRequests.begin(rules.path, limitMs);
  }

  end(): void {
    this.#request.end();
  }

  get #circuit() {
    const { outageRetry, kind } = this.rules;
    return outageRetry?.circuitOf(kind);
  }

  get tried(): HermError["tried"] {
    const { pace, maxWaitMs } = this.rules;
    const outageMs = this.#circuit?.isGivenUp === true ? maxWaitMs : undefined;
    return { attempts: this.#count, elapsedMs: pace.monotonic() - this.#startedMs, outageMs };
  }

  async run<T>(attempt: (leftMs: () => number) => Promise<T>): Promise<T> {
    const { pace, outageRetry, kind, signal } = this.rules;
    for (;;) {
      if (signal?.aborted === true) throw signal.reason;
      if (pace.hold.count !== this.#heldFor || this.#count > 0) await this.#becomeReady();
      this.#count += 1;
      const sentMs = pace.monotonic();
      try {
        const value = await attempt(() => this.#leftMs);
        pace.retryBudget.earn();
        outageRetry?.succeed(kind);
        pace.hold.succeed(kind);
        this.#request.progress();
        this.#report(sentMs);
        return value;
      } catch (thrown) {
        await this.#waitAfter(this.#withItsLimit(thrown), sentMs);
      }
    }
  }

  get #leftMs(): number {
    const { pace, maxWaitMs } = this.rules;
    const ownMs = maxWaitMs - (pace.monotonic() - this.#startedMs);
    const circuit = this.#circuit;
    if (circuit === undefined || !circuit.isOpen) return ownMs;
    // After all requests were given up, the first attempt gets its own time limit, because the API may be back.
    return this.#count < 2 && circuit.isGivenUp ? ownMs : circuit.leftMs;
  }

  #report(sentMs: number, end?: { failure: unknown; delayMs: number | undefined }): void {
    const durationMs = this.rules.pace.monotonic() - sentMs;
    this.rules.onAttempt?.({ attempt: this.#count, durationMs, ...end });
  }

  /** Waits until the request may be sent, then calls `beforeResend`, again after each new pause. */
  async #becomeReady(): Promise<void> {
    const { beforeResend, stopSignal } = this.rules;
    let isDelayed = this.#count > 0;
    for (;;) {
      const heldBefore = this.#heldFor;
      await this.#keepHold();
      isDelayed ||= this.#heldFor !== heldBefore;
      if (!isDelayed || beforeResend === undefined) return;
      isDelayed = false;
      try {
        await beforeResend({ leftMs: Math.max(1, this.#leftMs), isLost: this.isLost });
      } catch (reason) {
        throw stopSignal?.aborted === true ? (this.#earlier ?? reason) : reason;
      }
    }
  }

  /** Waits out each pause once. If one exceeds the time left, throws the last failure, or the pause's own error. */
  async #keepHold(): Promise<void> {
    const { pace, signal, stopSignal } = this.rules;
    const { hold } = pace;
    for (;;) {
      if (signal?.aborted === true) throw signal.reason;
      const holdMs = hold.leftMs(pace.monotonic());
      if (holdMs === 0 || hold.count === this.#heldFor) return;
      if (holdMs >= this.#leftMs) throw this.#earlier ?? hold.refusal();
      this.#heldFor = hold.count;
      stopSignal?.throwIfAborted();
      await wait(this.rules, holdMs, undefined);
    }
  }

  /** Waits until the next attempt; throws the failure if there is none. */
  async #waitAfter(failure: unknown, sentMs: number): Promise<void> {
    const { pace, outageRetry, kind } = this.rules;
    this.#earlier = failure;
    if (isPaced(failure))
      pace.hold.add(this, { kind, untilMs: pace.monotonic() + failure.retryAfterMs, error: failure });
    this.mayHaveTakenEffect ||= !changedNothing(failure);
    this.isLost ||= isLost(failure);
    noteFailure(this.rules, failure);
    const delayMs = nextDelayMs(this.rules, { failure, attempts: this.#count, leftMs: this.#leftMs });
    this.#report(sentMs, { failure, delayMs });
    if (failure instanceof HermError) this.#request.progress(failure);
    if (delayMs === undefined) throw failure;
    if (outageRetry === undefined) return wait(this.rules, delayMs, failure);
    const dueMs = pace.monotonic() + delayMs;
    await outageRetry.whileWaiting(() => this.#waitForTurn(dueMs, failure));
  }

  async #waitForTurn(dueMs: number, failure: unknown): Promise<void> {
    for (;;) {
      const leftMs = this.#circuit?.leftMs ?? 0;
      if (leftMs <= 0) throw failure;
      const untilDueMs = dueMs - this.rules.pace.monotonic();
      if (untilDueMs <= 0) return;
      await wait(this.rules, Math.min(untilDueMs, leftMs), failure);
    }
  }

  /** Names `maxWaitMs` as the limit if it shortened the last attempt. */
  #withItsLimit(failure: unknown): unknown {
    const { timeoutMs, maxWaitMs } = this.rules;
    if (!(failure instanceof TimeoutError) || failure.timeoutMs >= timeoutMs) return failure;
    const { missing, neverArrived } = failure;
    const cause = this.#earlier instanceof TimeoutError ? undefined : this.#earlier;
    return new TimeoutError(missing, { timeoutMs: maxWaitMs, neverArrived, isTotalTimeout: true, cause });
  }
}

function noteFailure({ outageRetry, kind }: RetryRules, failure: unknown): void {
  if (!(failure instanceof HermError)) return;
  if (isRetriable("safe", failure)) outageRetry?.noteFailure(kind, failure);
  else if (failure instanceof ApiError) outageRetry?.noteAnswer(kind);
}

/** True for a 429 that says when to retry. */
function isPaced(failure: unknown): failure is RateLimitError & { retryAfterMs: number } {
  return failure instanceof RateLimitError && failure.retryAfterMs !== undefined;
}

function nextDelayMs(
  { pace, kind, maxAttempts, outageRetry, signal, stopSignal }: RetryRules,
  { failure, attempts, leftMs }: { failure: unknown; attempts: number; leftMs: number },
): number | undefined {
  const retryAfterMs = failure instanceof ApiError ? failure.retryAfterMs : undefined;
  const askedMs = retryAfterMs ?? 0;
  if (signal?.aborted === true || stopSignal?.aborted === true) return undefined;
  if (!isRetriable(kind, failure)) return undefined;
  if (outageRetry === undefined && attempts >= maxAttempts) return undefined;
  const wantedMs = retryDelayMs(Math.min(attempts, maxAttempts), pace.random());
  const delayMs = Math.max(askedMs, wantedMs);
  if (outageRetry === undefined) {
    if (delayMs >= leftMs) return undefined;
    return isPaced(failure) || pace.retryBudget.take() ? delayMs : undefined;
  }
  // The request's turn may come after the time limit; until then, another request's success may extend that.
  if (outageRetry.circuitOf(kind).leftMs <= askedMs) return undefined;
  return isPaced(failure) ? delayMs : askedMs + outageRetry.takeTurnMs(wantedMs);
}

/** Rejects with the signal's reason or, if further attempts are stopped, with `failure` or that signal's reason. */
async function wait({ pace, signal, stopSignal }: RetryRules, ms: number, failure: unknown): Promise<void> {
  if (stopSignal === undefined) return pace.sleep(ms, signal);
  const either = innerController(signal, stopSignal);
  try {
    await pace.sleep(ms, either.signal);
  } catch (reason) {
    throw signal?.aborted === true ? signal.reason : (failure ?? reason);
  } finally {
    either.abort();
  }
}

export interface UndecidedChange<Stored, Value> {
  sent: SentChange;
  /** When it was first sent, in milliseconds since 1970. */
  sentMs: number;
  failure: unknown;
  /** True if an attempt may still take effect later, so that no read can rule it out. */
  isLost: boolean;
  options: CallOptions;
  read(options: CallOptions): Promise<AttemptsOutcome<Stored>>;
  /** Returns a read's verdict: the change's value, false if it didn't take effect, undefined if undecided. */
  judge(reading: AttemptsOutcome<Stored>): Verdict<Value> | Promise<Verdict<Value>>;
}

type Verdict<Value> = { value: Value } | false | undefined;

/**
 * Uses several reads to find out if a change with an ambiguous response took effect. Throws UnchangedError if it did
 * not, AmbiguousError if no read shows it; reads once at most after a lost attempt, or when stopped.
 */
export async function decideByReading<Stored, Value>(
  clock: Pick<RequesterSettings, "monotonic" | "sleep">,
  { sent, sentMs, failure, isLost, options, read, judge }: UndecidedChange<Stored, Value>,
): Promise<Value> {
  const { beforeResend: _, ...limits } = options;
  const looking = { ...limits, maxWaitMs: longestLookMs };
  const lastMs = options.stopSignal?.aborted ? [0] : [];
  const afterMs = isLost ? lastMs : [0, ...laterLooksMs];
  const stop = innerController(options.signal, options.stopSignal);
  let isUnchanged = false;
  try {
    for await (const interruption of lookAgain(clock, { afterMs, signal: stop.signal })) {
      const verdict = await judge(await read(looking));
      if (typeof verdict === "object") return verdict.value;
      isUnchanged = verdict === false && interruption === undefined;
    }
  } finally {
    stop.abort();
  }
  if (isUnchanged && !isLost && failure instanceof HermError)
    throw new UnchangedError({ sent, cause: failure });
  throw new AmbiguousError({ sent, sentAt: new Date(sentMs), cause: failure });
}

/** When to read after a response that doesn't show the sent values (src/changes/README.md, "Reading back"). */
export const laterLooksMs: readonly number[] = [500, 1_500, 3_500];

export const longestLookMs = 5_000;

/** From now on, yields each time a read is due; if the signal aborts, yields one last time at once, with its reason. */
export async function* lookAgain(
  clock: Pick<RequesterSettings, "monotonic" | "sleep">,
  { afterMs, signal }: { afterMs: readonly number[]; signal: AbortSignal },
): AsyncGenerator<unknown> {
  const startMs = clock.monotonic();
  for (const each of afterMs) {
    const ms = startMs + each - clock.monotonic();
    const interruption =
      ms <= 0 ? undefined : await clock.sleep(ms, signal).catch((reason: unknown) => reason);
    yield interruption;
    if (interruption !== undefined) return;
  }
}
