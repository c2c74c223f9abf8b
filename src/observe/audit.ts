import type { AutomationDetail } from "../api/types.js";
import type { AuditCounts, AuditedRun, AuditOptions } from "./audited-run.js";
import { dueTimesOf } from "./due-times.js";
import { type AuditFacts, isWithin, Judge, pausedBy } from "./judge.js";
import { type TimedRun, timedRuns } from "./match.js";
import { provenTimes } from "./proven-times.js";
import { lastPausedMs, runsSincePause, type SincePause } from "./unexpected.js";

export interface Audit {
  /** Soonest first; only the last `mostDueTimes`. */
  scheduledRuns: readonly AuditedRun[];
  counts: AuditCounts;
  /** Earlier due times that weren't examined; they are unknown. */
  passedOver: number;
  /** The time from which every run is known; undefined: none is known. */
  seenFromMs: number | undefined;
  problem?: "schedule_unreadable";
}

/**
 * Judges the scheduled runs of an automation's present schedule within a window (src/observe/README.md). Pure, and never a
 * guess: what its runs, the server's times and the known changes don't prove is `unknown`, with the reason.
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
    // What is due at the moment of its creation isn't promised any more.
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

export function noCounts(): AuditCounts {
  return { on_time: 0, late: 0, missed: 0, overlapping: 0, unknown: 0, unexpected: 0 };
}

/** Runs since the last known pause of a paused automation; undefined where nobody knows since when it is paused. */
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
 * The start of the oldest known run; the API doesn't say whether there are older ones. An automation that never ran
 * hides none.
 */
function seenFrom(
  { recent_runs, last_run_at: last }: AutomationDetail,
  [oldest]: readonly TimedRun[],
): number | undefined {
  if (oldest !== undefined) return oldest.startedMs;
  if (last === null && recent_runs.length === 0) return Number.NEGATIVE_INFINITY;
  return last ? Date.parse(last) + 1 : undefined;
}
