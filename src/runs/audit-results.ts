/** Audits one automation: finds the result for each due time. */

import type { Automation, AutomationDetail, Run } from "../api/types.js";
import {
  type DueTimes,
  dueTimesOf,
  earlyMs,
  isGoingAt,
  type Matching,
  matchRuns,
  overlappingRuns,
  type Span,
  startedBy,
  type TimedRun,
  timedRuns,
} from "./match.js";
import {
  isEnabledThroughout,
  isGraceOver,
  type KnownChange,
  mayStillStart,
  type ProvenTimes,
  provenTimes,
} from "./proven-times.js";
import { hasRunSince, lastPausedMs, runsSincePause, type SincePause } from "./unexpected.js";

export interface Audit {
  /** Earliest first; only the last `mostDueTimes` of them. */
  scheduledRuns: readonly AuditedRun[];
  counts: AuditCounts;
  /** The number of earlier due times that weren't examined; they are unknown. */
  passedOver: number;
  /** The time since which every run is known; undefined if no run is known. */
  seenFromMs: number | undefined;
  problem?: "schedule_unreadable";
}

/**
 * Judges the runs that an automation's current schedule promised within a window (src/runs/README.md). Pure; never
 * guesses: if its runs, server times and known changes don't prove a result, it is `unknown`, with the reason.
 */
export function auditOf(automation: AutomationDetail, options: AuditOptions): Audit {
  const counts = noCounts();
  const timed = timedRuns(automation.recent_runs);
  const seenFromMs = seenFrom(automation, timed);
  const schedule = dueTimesOf(automation.schedule);
  const proven = provenTimes(automation, options.changes);
  const since = sincePause(automation, options);
  const unexpected = unexpectedRuns(since, { ...options, proven });
  counts.unexpected = unexpected.length;
  if (schedule === undefined)
    return { scheduledRuns: unexpected, counts, passedOver: 0, seenFromMs, problem: "schedule_unreadable" };
  const { sinceMs, untilMs } = options.window;
  const window = {
    // A run that is due at the moment when the automation is created isn't promised.
    sinceMs: Math.max(sinceMs, proven.createdMs === undefined ? sinceMs : proven.createdMs + 1),
    untilMs: Math.min(untilMs, options.nowMs + 1),
  };
  const expected = schedule.within(window);
  const facts = { ...options, proven, schedule, seenFromMs, timed, unexpected: since?.unexpected ?? [] };
  const judge = new Judge(automation, facts, expected.timesMs);
  const scheduledRuns: AuditedRun[] = [...unexpected];
  for (const dueMs of expected.timesMs) {
    const run = judge.judge(dueMs);
    if (run === undefined) continue;
    counts[run.result] += 1;
    scheduledRuns.push(run);
  }
  const passedOver = expected.count - expected.timesMs.length;
  counts.unknown += passedOver;
  scheduledRuns.sort((one, other) => one.expectedMs - other.expectedMs);
  return { scheduledRuns, counts, passedOver, seenFromMs };
}

/**
 * True if the list item of an automation is enough for its audit: it had no due time, was paused all the time, never
 * ran, or has enough runs in the item.
 */
export function listSuffices(
  automation: Automation,
  { window, nowMs, changes }: Omit<AuditOptions, "graceMs">,
): boolean {
  if (hasRunSince(automation, lastPausedMs(automation, changes))) return false;
  const { enabled, recent_runs: runs, last_run_at: last, created_at: created } = automation;
  const { sinceMs, untilMs } = window;
  const expected = dueTimesOf(automation.schedule)?.within({
    sinceMs,
    untilMs: Math.min(untilMs, nowMs + 1),
  });
  if (expected === undefined || expected.count === 0) return true;
  const { changedMs = Number.POSITIVE_INFINITY } = provenTimes(automation);
  const neverRan = last === null && (runs === undefined || runs === null);
  if (changedMs <= sinceMs && (enabled === false || neverRan)) return true;
  if (!Array.isArray(runs)) return false;
  const [oldest] = timedRuns(runs);
  return oldest === undefined ? last === null && Boolean(created) : oldest.startedMs <= sinceMs;
}

export function noCounts(): AuditCounts {
  return { on_time: 0, late: 0, missed: 0, overlapping: 0, unknown: 0, unexpected: 0 };
}

/** Returns the runs since the last known pause of a paused automation; undefined if that time is unknown. */
function sincePause(automation: AutomationDetail, { changes }: AuditOptions): SincePause | undefined {
  const pausedMs = automation.enabled === false ? lastPausedMs(automation, changes) : undefined;
  return pausedMs === undefined ? undefined : runsSincePause(automation, pausedMs);
}

function unexpectedRuns(
  since: SincePause | undefined,
  { window, proven }: Pick<AuditFacts, "window" | "proven">,
): AuditedRun[] {
  const within = timedRuns(since?.unexpected ?? []).filter(({ startedMs }) => isWithin([window], startedMs));
  return within.map(({ run, startedMs }) => ({
    expectedMs: startedMs,
    result: "unexpected",
    reason: since?.mayHaveBeenEnabled ? "may_have_been_enabled" : "paused",
    incident: pausedBy(proven, startedMs),
    run,
    startedMs,
  }));
}

/**
 * Returns when the oldest known run started, because the API doesn't say whether there are older ones. An automation
 * that never ran can't have any.
 */
function seenFrom(
  { recent_runs, last_run_at: last }: AutomationDetail,
  [oldest]: readonly TimedRun[],
): number | undefined {
  if (oldest !== undefined) return oldest.startedMs;
  if (last === null && recent_runs.length === 0) return Number.NEGATIVE_INFINITY;
  return last ? Date.parse(last) + 1 : undefined;
}

interface AuditFacts extends AuditOptions {
  proven: ProvenTimes;
  schedule: DueTimes;
  seenFromMs: number | undefined;
  timed: readonly TimedRun[];
  unexpected: readonly Run[];
}

class Judge {
  readonly #matching: Matching;
  readonly #overlapping: ReadonlySet<TimedRun>;
  readonly #hasRunWithoutStart: boolean;
  /** The time until which a run that isn't listed may have started. */
  readonly #unlistedUntilMs: number;

  constructor(
    automation: AutomationDetail,
    private readonly facts: AuditFacts,
    timesMs: readonly number[],
  ) {
    const { recent_runs: runs, last_run_at: last } = automation;
    const { timed, unexpected } = facts;
    this.#matching = matchRuns(
      timesMs,
      timed.filter(({ run }) => !unexpected.includes(run)),
    );
    this.#overlapping = overlappingRuns(timed);
    this.#hasRunWithoutStart = runs.some((run) => !run.started_at && startedBy(run) !== "manual");
    const newestMs = timed.at(-1)?.startedMs ?? Number.NEGATIVE_INFINITY;
    const lastMs = last ? Date.parse(last) : Number.NEGATIVE_INFINITY;
    this.#unlistedUntilMs = lastMs > newestMs ? lastMs : Number.NEGATIVE_INFINITY;
  }

  judge(expectedMs: number): AuditedRun | undefined {
    const answer = this.#matching.answers.get(expectedMs);
    if (answer !== undefined) return this.#answered(expectedMs, answer);
    if (!isGraceOver(expectedMs, this.facts)) return undefined;
    const doubt = this.#doubt(expectedMs);
    if (doubt === undefined) return this.#missed(expectedMs);
    const maybe = this.#matching.maybeAnswered.get(expectedMs);
    const facts = maybe === undefined ? { expectedMs } : runFacts(expectedMs, maybe);
    return { ...facts, result: "unknown", reason: doubt, incident: pausedBy(this.facts.proven, expectedMs) };
  }

  /** Any later run makes up for a missed one. */
  #missed(expectedMs: number): AuditedRun {
    const { timed, nowMs } = this.facts;
    const since = timed.find(({ startedMs }) => startedMs + earlyMs >= expectedMs);
    if (since !== undefined) return { expectedMs, result: "missed", reason: "made_up", run: since.run };
    const reason = mayStillStart(expectedMs, nowMs) ? "may_still_start" : undefined;
    return { expectedMs, result: "missed", reason };
  }

  #answered(expectedMs: number, answer: TimedRun): AuditedRun {
    const { graceMs, proven, seenFromMs = Number.POSITIVE_INFINITY } = this.facts;
    const facts = runFacts(expectedMs, answer);
    const overlap = this.#overlap(expectedMs, answer);
    if (answer.startedMs - expectedMs > graceMs) {
      // If it had another schedule in between, or a run that isn't known, the verdict would be different.
      const doubt = this.#changeDoubt(expectedMs, answer.startedMs);
      if (doubt !== undefined)
        return { ...facts, result: "unknown", reason: doubt, incident: pausedBy(proven, expectedMs) };
      if (expectedMs < seenFromMs) return { ...facts, result: "unknown", reason: "before_oldest_run" };
      return { ...facts, result: "late", reason: overlap };
    }
    if (overlap !== undefined) return { ...facts, result: "overlapping", reason: overlap };
    return { ...facts, result: "on_time" };
  }

  /** The reason why a due time without a run isn't known to be missed; undefined if it is. */
  #doubt(dueMs: number): UnknownReason | undefined {
    const { seenFromMs, graceMs } = this.facts;
    const change = this.#changeDoubt(dueMs, dueMs + graceMs);
    if (change === "paused") return change;
    if (seenFromMs === undefined || dueMs < seenFromMs) return "before_oldest_run";
    if (change !== undefined) return change;
    if (this.#unlistedUntilMs >= dueMs) return "run_not_listed";
    if (this.#hasRunWithoutStart) return "run_without_start";
    if (this.#matching.maybeAnswered.has(dueMs)) return "run_without_trigger";
    return this.#matching.maybeMadeUp.has(dueMs) ? "may_be_made_up" : undefined;
  }

  /** The reason to doubt that it was enabled with this schedule all along; undefined if it was. */
  #changeDoubt(dueMs: number, untilMs: number): UnknownReason | undefined {
    const { proven } = this.facts;
    if (isEnabledThroughout(proven, dueMs, untilMs)) return undefined;
    const { paused, changedMs } = proven;
    if (isWithin(paused, dueMs)) return "paused";
    if (changedMs === undefined) return "no_updated_at";
    return dueMs <= changedMs ? "before_last_change" : "enabled_unknown";
  }

  #overlap(dueMs: number, answer: TimedRun): AuditReason | undefined {
    if (this.#overlapping.has(answer)) return "run_before_still_going";
    if (this.#changeDoubt(dueMs, answer.startedMs) !== undefined) return undefined;
    const next = this.facts.schedule.after(dueMs);
    const isLonger = next !== undefined && next <= this.facts.nowMs && isGoingAt(answer, next);
    const isChanged = next === undefined || this.#changeDoubt(dueMs, next) !== undefined;
    return isLonger && !isChanged ? "longer_than_interval" : undefined;
  }
}

function pausedBy({ paused }: ProvenTimes, ms: number): string | undefined {
  return paused.find((span) => span.incident !== undefined && isWithin([span], ms))?.incident;
}

function isWithin(spans: readonly Span[], ms: number): boolean {
  return spans.some(({ sinceMs, untilMs }) => ms >= sinceMs && ms < untilMs);
}

function runFacts(expectedMs: number, { run, startedMs }: TimedRun) {
  return { expectedMs, run, startedMs, lateMs: Math.max(0, startedMs - expectedMs) };
}

/**
 * `overlapping`: the run overlaps the previous one or the next due time. `unexpected`: a scheduled run despite a pause.
 */
export type AuditResult = "on_time" | "late" | "missed" | "overlapping" | "unknown" | "unexpected";

export type AuditReason =
  | UnknownReason
  | MissedReason
  | "may_have_been_enabled"
  | "run_before_still_going"
  | "longer_than_interval";

/** `made_up`: a run started later. `may_still_start`: the platform may still start one. If neither, no run followed. */
type MissedReason = "made_up" | "may_still_start";

/** Reasons why a due time without a run isn't known to be missed, most certain first. */
type UnknownReason =
  | "paused"
  | "before_oldest_run"
  | "before_last_change"
  | "no_updated_at"
  | "enabled_unknown"
  | "run_not_listed"
  | "run_without_start"
  | "run_without_trigger"
  | "may_be_made_up"
  | "schedule_unreadable"
  | "not_read";

/** A run that a schedule promised, or that started unexpectedly; times are in ms since 1970. */
export interface AuditedRun {
  expectedMs: number;
  result: AuditResult;
  reason?: AuditReason | undefined;
  incident?: string | undefined;
  /** The run for this due time; if unknown, a run that may be it; if missed, the first run that made up for it. */
  run?: Run | undefined;
  startedMs?: number | undefined;
  lateMs?: number | undefined;
}

export type AuditCounts = Record<AuditResult, number>;

export interface AuditOptions {
  window: Span;
  nowMs: number;
  /** How late a run may start and still count as on time. */
  graceMs: number;
  changes?: readonly KnownChange[];
}

/** Missed runs, counted by their consequences, for `audit` and `catch-up`. */
export interface MissedCounts {
  /** Missed runs with no later run, and none that may still start; these need a catch-up. */
  withoutRun: number;
  madeUp: number;
  mayStillStart: number;
}

export function countMissed(scheduledRuns: readonly AuditedRun[]): MissedCounts {
  const counts = { withoutRun: 0, madeUp: 0, mayStillStart: 0 };
  for (const { result, reason } of scheduledRuns) {
    if (result !== "missed") continue;
    if (reason === "made_up") counts.madeUp += 1;
    else if (reason === "may_still_start") counts.mayStillStart += 1;
    else counts.withoutRun += 1;
  }
  return counts;
}

export function totalMissed({ withoutRun, madeUp, mayStillStart }: MissedCounts): number {
  return withoutRun + madeUp + mayStillStart;
}

export function sumMissed(each: readonly MissedCounts[]): MissedCounts {
  const sumOf = (key: keyof MissedCounts) => each.reduce((sum, counts) => sum + counts[key], 0);
  return { withoutRun: sumOf("withoutRun"), madeUp: sumOf("madeUp"), mayStillStart: sumOf("mayStillStart") };
}
