import { isUnderWay } from "../api/schema.js";
import type { Automation, AutomationDetail, Run } from "../api/types.js";
import {
  type Audit,
  type AuditOptions,
  type AuditReason,
  auditOf,
  countMissed,
  type MissedCounts,
} from "./audit-results.js";
import { dueTimesOf, type Span } from "./match.js";

/** The number of missed runs, and when the last of them was due; ms since 1970. */
export interface MissedRuns {
  runs: number;
  lastMs: number;
}

export type NotStarted =
  | { reason: "paused" | "may_still_start" }
  | { reason: "running" | "waiting" | "made_up"; run_id: string | undefined };

export type CatchUp =
  | { verdict: "start"; missed: MissedCounts; missedRuns: MissedRuns }
  | { verdict: "skipped"; missed: MissedCounts; why: NotStarted }
  /** There is a doubt: no run is known to be missed, but one may be. */
  | { verdict: "unknown"; reason: AuditReason }
  | { verdict: "nothing" };

/** Decides whether an automation needs a catch-up, after an audit with the same options. */
export function catchUpOf(automation: AutomationDetail, options: AuditOptions): CatchUp {
  return catchUpAfter(automation, auditOf(automation, options));
}

/** Decides from an audit whether one run should make up for those missed. Pure, and never guesses. */
export function catchUpAfter(automation: AutomationDetail, audit: Audit): CatchUp {
  const scheduledRuns = audit.scheduledRuns.filter(({ result }) => result === "missed");
  const last = scheduledRuns.at(-1);
  if (last === undefined) return doubtOf(audit);
  const missed = countMissed(scheduledRuns);
  const skipped = (why: NotStarted): CatchUp => ({ verdict: "skipped", missed, why });
  const lastWithoutRun = scheduledRuns.findLast(({ reason }) => reason === undefined);
  if (lastWithoutRun === undefined) {
    const isMadeUp = last.reason === "made_up";
    return skipped(
      isMadeUp ? { reason: "made_up", run_id: last.run?.run_id } : { reason: "may_still_start" },
    );
  }
  if (automation.enabled !== true) return skipped({ reason: "paused" });
  const missedRuns = { runs: missed.withoutRun, lastMs: lastWithoutRun.expectedMs };
  const why = whyNotStarted(automation, missedRuns);
  return why === undefined ? { verdict: "start", missed, missedRuns } : skipped(why);
}

/** A known pause isn't a doubt; nor is a due time that has a run, however late. */
function doubtOf({ scheduledRuns, problem }: Audit): CatchUp {
  const doubtful = scheduledRuns.findLast(
    ({ result, reason, run }) =>
      result === "unknown" && reason !== "paused" && (run === undefined || reason === "run_without_trigger"),
  );
  const reason = problem ?? doubtful?.reason;
  return reason === undefined ? { verdict: "nothing" } : { verdict: "unknown", reason };
}

/** The reason why no run is started: a later run, or one that is still going. A list item shows only the last run. */
export function whyNotStarted(
  automation: Automation,
  { lastMs }: Pick<MissedRuns, "lastMs">,
): NotStarted | undefined {
  const runs = runsOf(automation);
  const made = runs.find((run) => Date.parse(run.started_at ?? "") >= lastMs);
  if (made !== undefined) return { reason: "made_up", run_id: made.run_id };
  const going = runs.find(isUnderWay);
  if (going === undefined) return undefined;
  return { reason: going.status === "waiting_on_human" ? "waiting" : "running", run_id: going.run_id };
}

function runsOf({ recent_runs: runs, last_run_at, last_run_status }: Automation): Partial<Run>[] {
  if (Array.isArray(runs)) return runs;
  return last_run_at ? [{ started_at: last_run_at, status: last_run_status }] : [];
}

/** The scheduled runs that a pause prevented; undefined if there are none, or the schedule is unreadable. */
export function missedWhile(schedule: string | null | undefined, paused: Span): MissedRuns | undefined {
  const { timesMs = [], count: runs = 0 } = dueTimesOf(schedule)?.within(paused, 1) ?? {};
  const lastMs = timesMs.at(-1);
  return lastMs === undefined ? undefined : { runs, lastMs };
}
