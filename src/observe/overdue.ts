import { msOf } from "../api/schema.js";
import type { Automation, Run } from "../api/types.js";
import { dueTimesOf } from "./due-times.js";

/** A listed automation, perhaps with its recent runs. */
type LastKnown = Pick<Automation, "enabled" | "schedule" | "last_run_at" | "created_at" | "updated_at"> & {
  recent_runs?: unknown;
};

/**
 * The last time before which nothing counts as overdue: a run, the creation, a change. ms since 1970; undefined: none
 * is known.
 */
export function lastSignMs(automation: LastKnown, changedMs?: number): number | undefined {
  const { last_run_at, created_at, updated_at, recent_runs: runs } = automation;
  const started = Array.isArray(runs) ? runs.map(({ started_at }: Run) => started_at) : [];
  const times = [last_run_at, created_at, updated_at, ...started].flatMap((time) => msOf(time) ?? []);
  const known = changedMs === undefined ? times : [...times, changedMs];
  return known.length === 0 ? undefined : known.reduce((last, ms) => Math.max(last, ms));
}

/**
 * The overdue due time of an enabled automation: the first after `sinceMs`, if that is `graceMs` or more past. This one
 * rule says what is late now; with `lastSignMs` for `sinceMs` a manual run counts too, as whoever triggered it meant.
 */
export function overdueMs(
  { enabled, schedule }: LastKnown,
  { sinceMs, nowMs, graceMs }: { sinceMs: number; nowMs: number; graceMs: number },
): number | undefined {
  if (enabled !== true) return undefined;
  const dueMs = dueTimesOf(schedule)?.after(sinceMs);
  return dueMs !== undefined && isGraceOver(dueMs, { nowMs, graceMs }) ? dueMs : undefined;
}

export function isGraceOver(dueMs: number, { nowMs, graceMs }: { nowMs: number; graceMs: number }): boolean {
  return dueMs + graceMs <= nowMs;
}
