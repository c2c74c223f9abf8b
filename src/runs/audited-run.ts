import type { Run } from "../api/types.js";
import type { Span } from "./due-times.js";
import type { KnownChange } from "./proven-times.js";

/**
 * `overlapping`: its run met the one before it or the next due time. `unexpected`: its schedule started a run although it
 * is paused.
 */
export type AuditResult = "on_time" | "late" | "missed" | "overlapping" | "unknown" | "unexpected";

export type AuditReason =
  | UnknownReason
  | MissedReason
  | "may_have_been_enabled"
  | "run_before_still_going"
  | "longer_than_interval";

/** `made_up`: a run started later. `may_still_start`: the platform may do so. Neither: without a run since. */
type MissedReason = "made_up" | "may_still_start";

/** Reasons why a due time without a run isn't missed, the surest first. */
export type UnknownReason =
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

/** A run that a schedule promised, or started unexpectedly; ms since 1970. */
export interface AuditedRun {
  expectedMs: number;
  result: AuditResult;
  reason?: AuditReason | undefined;
  incident?: string | undefined;
  /** The run that answers it; of an unknown one a run that may; of a missed one the first that made up for it. */
  run?: Run | undefined;
  startedMs?: number | undefined;
  lateMs?: number | undefined;
}

export type AuditCounts = Record<AuditResult, number>;

export interface AuditOptions {
  window: Span;
  nowMs: number;
  /** A run that starts so much later is still on time. */
  graceMs: number;
  changes?: readonly KnownChange[];
}

/** Missed runs by what became of them, for `audit` and `catch-up`. */
export interface MissedCounts {
  /** Neither a run since, nor one that may still start: these need a catch-up. */
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
