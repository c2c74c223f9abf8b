import { ApiError, HermError, RateLimitError, TimeoutError } from "./errors.js";
import {
  changedNothing,
  type Hold,
  isRetriable,
  type RequestKind,
  type RetryBudget,
  retryDelayMs,
} from "./retry.js";

export interface RetryRules {
  kind: RequestKind;
  maxAttempts: number;
  /** One attempt, where `maxWaitMs` leaves it so much. */
  timeoutMs: number;
  /** All attempts of one request, the waits between them included. */
  maxWaitMs: number;
  budget: RetryBudget;
  hold: Hold;
  signal?: AbortSignal;
  /** Ends waits and keeps further attempts from being made; the one under way goes on. */
  stopSignal?: AbortSignal;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  monotonic(): number;
  random(): number;
  /** After each attempt; `delayMs` is there if another follows. */
  onAttempt(attempt: { number: number; durationMs: number; failure?: unknown; delayMs?: number }): void;
}

export type Outcome<T> =
  | { isDone: true; value: T }
  | {
      isDone: false;
      failure: unknown;
      /** Whether any attempt may have changed something on the server. */
      mayHaveTakenEffect: boolean;
    };

/**
 * Runs `attempt` until it succeeds or the rules say stop, and never rejects: an end by the signal is an outcome too,
 * with the signal's reason as failure. `leftMs` tells an attempt how much of `maxWaitMs` is left; a wait that would
 * pass it isn't begun.
 */
export async function attemptRepeatedly<T>(
  rules: RetryRules,
  attempt: (leftMs: () => number) => Promise<T>,
): Promise<Outcome<T>> {
  const startedMs = rules.monotonic();
  const elapsedMs = () => rules.monotonic() - startedMs;
  const leftMs = () => rules.maxWaitMs - elapsedMs();
  let attempts = 0;
  let mayHaveTakenEffect = false;
  let earlier: unknown;
  try {
    for (let heldFor = 0; ; ) {
      heldFor = await keepHold(rules, { heldFor, leftMs });
      attempts += 1;
      const sentMs = rules.monotonic();
      const report = (more: { failure?: unknown; delayMs?: number }) =>
        rules.onAttempt({ number: attempts, durationMs: rules.monotonic() - sentMs, ...more });
      try {
        const value = await attempt(leftMs);
        rules.budget.earn();
        report({});
        return { isDone: true, value };
      } catch (thrown) {
        const failure = withItsLimit(thrown, { rules, earlier });
        earlier = failure;
        mayHaveTakenEffect ||= !changedNothing(failure);
        const delayMs = nextDelayMs(rules, { failure, attempts, leftMs: leftMs() });
        report({ failure, delayMs });
        if (delayMs === undefined) throw failure;
        heldFor = rules.hold.count;
        await wait(rules, delayMs, failure);
      }
    }
  } catch (failure) {
    if (failure instanceof HermError) failure.tried = { attempts, elapsedMs: elapsedMs() };
    return { isDone: false, failure, mayHaveTakenEffect };
  }
}

/** Where `maxWaitMs` left the last attempt less than its own time, that is the limit to name. */
function withItsLimit(
  failure: unknown,
  { rules, earlier }: { rules: RetryRules; earlier: unknown },
): unknown {
  const isCut = failure instanceof TimeoutError && failure.timeoutMs < rules.timeoutMs;
  if (!isCut) return failure;
  return failure.ofAll(rules.maxWaitMs, earlier instanceof TimeoutError ? undefined : earlier);
}

/** How long until the next attempt; undefined: there is none. A 429 that names a time pauses every other request too. */
function nextDelayMs(
  rules: RetryRules,
  { failure, attempts, leftMs }: { failure: unknown; attempts: number; leftMs: number },
): number | undefined {
  const askedMs = failure instanceof ApiError ? failure.retryAfterMs : undefined;
  const isPaced = failure instanceof RateLimitError && askedMs !== undefined;
  if (isPaced) rules.hold.extend(rules.monotonic() + askedMs, failure);
  if (rules.signal?.aborted === true || rules.stopSignal?.aborted === true) return undefined;
  if (!isRetriable(rules.kind, failure) || attempts >= rules.maxAttempts) return undefined;
  const delayMs = Math.max(askedMs ?? 0, retryDelayMs(attempts, rules.random()));
  if (delayMs >= leftMs) return undefined;
  return isPaced || rules.budget.take() ? delayMs : undefined;
}

/** Waits out a pause, each only once; throws the answer that asked for it where it is longer than what is left. */
async function keepHold(rules: RetryRules, state: { heldFor: number; leftMs(): number }): Promise<number> {
  const { hold, signal, stopSignal } = rules;
  let { heldFor } = state;
  for (;;) {
    signal?.throwIfAborted();
    const holdMs = hold.leftMs(rules.monotonic());
    if (holdMs === 0 || hold.count === heldFor) return heldFor;
    if (holdMs >= state.leftMs()) throw hold.refusal();
    heldFor = hold.count;
    stopSignal?.throwIfAborted();
    await wait(rules, holdMs, undefined);
  }
}

/** Rejects with the signal's reason; where further attempts are stopped with `failure`, or else that signal's reason. */
async function wait({ sleep, signal, stopSignal }: RetryRules, ms: number, failure: unknown): Promise<void> {
  if (stopSignal === undefined) return sleep(ms, signal);
  const either = signal === undefined ? stopSignal : AbortSignal.any([signal, stopSignal]);
  try {
    await sleep(ms, either);
  } catch (reason) {
    throw signal?.aborted === true ? signal.reason : (failure ?? reason);
  }
}
