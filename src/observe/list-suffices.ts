import type { Automation } from "../api/types.js";
import type { AuditOptions } from "./audited-run.js";
import { dueTimesOf } from "./due-times.js";
import { timedRuns } from "./match.js";
import { provenTimes } from "./proven-times.js";
import { hasRunSince, lastPausedMs } from "./unexpected.js";

/**
 * True when a listed automation shows all that its audit needs: nothing is due, it was paused all the time, it never
 * ran, or its list item has runs that go back far enough.
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
