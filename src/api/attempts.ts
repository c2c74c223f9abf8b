import { innerController } from "./abort.js";
import { ApiError, HermError, RateLimitError, TimeoutError } from "./errors.js";
import type { Persistence } from "./persistence.js";
import type { RequestOptions } from "./request-options.js";
import {
  changedNothing,
  type Hold,
  isRetriable,
  type RequestKind,
  type RetryBudget,
  retryDelayMs,
} from "./retry.js";
import type { UnderWay } from "./under-way.js";

/** What all requests of one client share. */
export interface Pace {
  retryBudget: RetryBudget;
  hold: Hold;
  underWay: UnderWay;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  monotonic(): number;
  random(): number;
}

export interface RetryRules {
  pace: Pace;
  kind: RequestKind;
  /** Such as `/v1/deployments/dep_1`. */
  path: string;
  maxAttempts: number;
  /** One attempt, where `maxWaitMs` leaves it so much. */
  timeoutMs: number;
  /** All attempts of one request, the waits between them included. */
  maxWaitMs: number;
  /** Takes the place of `maxAttempts`, of `maxWaitMs` from the second attempt on, and of the budget. */
  persistence: Persistence | undefined;
  signal: AbortSignal | undefined;
  /** Ends waits and keeps further attempts from being made; the one under way goes on. */
  stopSignal: AbortSignal | undefined;
  /** See RequestOptions. */
  beforeResend: RequestOptions["beforeResend"];
  /** After each attempt; `delayMs` is there if another follows. */
  onAttempt: ((attempt: Attempt) => void) | undefined;
}

interface Attempt {
  /** The first is 1. */
  number: number;
  durationMs: number;
  failure?: unknown;
  delayMs?: number | undefined;
}

export type AttemptsOutcome<T> =
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
): Promise<AttemptsOutcome<T>> {
  const { pace, signal, persistence } = rules;
  const startedMs = pace.monotonic();
  let attempts = 0;
  const leftMs = () => {
    const ownMs = rules.maxWaitMs - (pace.monotonic() - startedMs);
    const trouble = persistence?.of(rules.kind);
    if (trouble === undefined || !trouble.isInTrouble) return ownMs;
    // What is sent first after all was given up has its own time: it may be the API's return.
    return attempts < 2 && trouble.isOver ? ownMs : trouble.leftMs;
  };
  persistence?.begin(rules.kind);
  const request = pace.underWay.begin(rules.path, limitOf(rules));
  let mayHaveTakenEffect = false;
  let earlier: unknown;
  try {
    for (let heldFor = 0; ; ) {
      if (signal?.aborted === true) throw signal.reason;
      if (pace.hold.count !== heldFor || attempts > 0) {
        heldFor = await becomeReady(rules, { heldFor, leftMs, isRepeat: attempts > 0, earlier });
      }
      attempts += 1;
      const sentMs = pace.monotonic();
      const report = (end?: { failure: unknown; delayMs: number | undefined }) =>
        rules.onAttempt?.({ number: attempts, durationMs: pace.monotonic() - sentMs, ...end });
      try {
        const value = await attempt(leftMs);
        pace.retryBudget.earn();
        persistence?.succeed(rules.kind);
        request.heard();
        report();
        return { isDone: true, value };
      } catch (thrown) {
        const failure = withItsLimit(thrown, { rules, earlier });
        earlier = failure;
        mayHaveTakenEffect ||= !changedNothing(failure);
        noteFailure(rules, failure);
        const delayMs = nextDelayMs(rules, { failure, attempts, leftMs: leftMs() });
        report({ failure, delayMs });
        if (failure instanceof HermError) request.heard(failure);
        if (delayMs === undefined) throw failure;
        heldFor = pace.hold.count;
        if (persistence === undefined) await wait(rules, delayMs, failure);
        else {
          const turn = { persistence, dueMs: pace.monotonic() + delayMs, failure };
          await persistence.whileWaiting(() => waitForTurn(rules, turn));
        }
      }
    }
  } catch (failure) {
    if (failure instanceof HermError) {
      const outageMs = persistence?.of(rules.kind).isOver === true ? persistence.maxWaitMs : undefined;
      failure.tried = { attempts, elapsedMs: pace.monotonic() - startedMs, outageMs };
    }
    return { isDone: false, failure, mayHaveTakenEffect };
  } finally {
    request.end();
  }
}

/** How long it may take at most: what is sent at most once has one attempt. */
function limitOf({ kind, timeoutMs, maxWaitMs }: RetryRules): number {
  return kind === "once" ? Math.min(timeoutMs, maxWaitMs) : maxWaitMs;
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

function noteFailure({ persistence, kind }: RetryRules, failure: unknown): void {
  if (!(failure instanceof HermError)) return;
  if (isRetriable("safe", failure)) persistence?.fail(kind, failure);
  else if (failure instanceof ApiError) persistence?.hear(kind);
}

/** How long until the next attempt; undefined: there is none. A 429 that names a time pauses every other request too. */
function nextDelayMs(
  rules: RetryRules,
  { failure, attempts, leftMs }: { failure: unknown; attempts: number; leftMs: number },
): number | undefined {
  const askedMs = failure instanceof ApiError ? failure.retryAfterMs : undefined;
  const isPaced = failure instanceof RateLimitError && askedMs !== undefined;
  const { pace, persistence } = rules;
  if (isPaced) pace.hold.extend(pace.monotonic() + askedMs, failure);
  if (rules.signal?.aborted === true || rules.stopSignal?.aborted === true) return undefined;
  if (!isRetriable(rules.kind, failure)) return undefined;
  if (persistence !== undefined) return nextTurnMs(rules, { persistence, askedMs, isPaced, attempts });
  if (attempts >= rules.maxAttempts) return undefined;
  const delayMs = Math.max(askedMs ?? 0, retryDelayMs(attempts, pace.random()));
  if (delayMs >= leftMs) return undefined;
  return isPaced || pace.retryBudget.take() ? delayMs : undefined;
}

/**
 * Waits until nothing keeps the request from being sent, and lets `beforeResend` have the last word, again after each new
 * pause.
 */
async function becomeReady(
  rules: RetryRules,
  state: { heldFor: number; leftMs(): number; isRepeat: boolean; earlier: unknown },
): Promise<number> {
  let { heldFor, isRepeat: isDelayed } = state;
  for (;;) {
    const kept = await keepHold(rules, { heldFor, leftMs: state.leftMs });
    isDelayed ||= kept !== heldFor;
    heldFor = kept;
    if (!isDelayed || rules.beforeResend === undefined) return heldFor;
    isDelayed = false;
    try {
      await rules.beforeResend({ leftMs: Math.max(1, state.leftMs()) });
    } catch (reason) {
      throw rules.stopSignal?.aborted === true ? (state.earlier ?? reason) : reason;
    }
  }
}

interface Turn {
  persistence: Persistence;
  askedMs: number | undefined;
  isPaced: boolean;
  attempts: number;
}

/** Its turn may come after the outage is given up: a success of another request may give it more time until then. */
function nextTurnMs({ pace, kind, maxAttempts }: RetryRules, turn: Turn): number | undefined {
  const { persistence, askedMs = 0, isPaced, attempts } = turn;
  const wantedMs = retryDelayMs(Math.min(attempts, maxAttempts), pace.random());
  if (persistence.of(kind).leftMs <= askedMs) return undefined;
  return isPaced ? Math.max(askedMs, wantedMs) : askedMs + persistence.takeTurnMs(wantedMs);
}

/** Rejects with `failure` where the outage is given up before `dueMs`. */
async function waitForTurn(
  rules: RetryRules,
  { persistence, dueMs, failure }: { persistence: Persistence; dueMs: number; failure: unknown },
): Promise<void> {
  for (;;) {
    const { leftMs } = persistence.of(rules.kind);
    if (leftMs <= 0) throw failure;
    const untilDueMs = dueMs - rules.pace.monotonic();
    if (untilDueMs <= 0) return;
    await wait(rules, Math.min(untilDueMs, leftMs), failure);
  }
}

/** Waits out a pause, each only once; throws the answer that asked for it where it is longer than what is left. */
async function keepHold(rules: RetryRules, state: { heldFor: number; leftMs(): number }): Promise<number> {
  const { pace, signal, stopSignal } = rules;
  const { hold } = pace;
  let { heldFor } = state;
  for (;;) {
    signal?.throwIfAborted();
    const holdMs = hold.leftMs(pace.monotonic());
    if (holdMs === 0 || hold.count === heldFor) return heldFor;
    if (holdMs >= state.leftMs()) throw hold.refusal();
    heldFor = hold.count;
    stopSignal?.throwIfAborted();
    await wait(rules, holdMs, undefined);
  }
}

/** Rejects with the signal's reason; where further attempts are stopped with `failure`, or else that signal's reason. */
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
