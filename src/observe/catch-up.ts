import { isUnderWay } from "../api/run-status.js";
import type { Automation, AutomationDetail, Run } from "../api/types.js";
import { type Audit, type AuditOptions, auditOf, type FireReason } from "./audit.js";
import { firingSchedule, type Span } from "./fires.js";
import { startedBy } from "./match.js";

/** The platform may make up for a missed run itself: so long nothing is started for it. */
const settleMs = 3_600_000;

/** What an automation is owed: so many runs, the last of which was due then; ms since 1970. */
export interface Owed {
  runs: number;
  lastMs: number;
}

/** Why nothing is started for what is owed. `made_up`: somebody did so already. `settling`: `settleMs` isn't over. */
export type NotStarted =
  | { reason: "paused" | "settling" }
  | { reason: "running" | "waiting" | "made_up"; runId: string | undefined };

/** Whether one run is to make up for what an automation missed. */
export type CatchUp =
  | { verdict: "start"; owed: Owed }
  | { verdict: "left"; owed: Owed; why: NotStarted }
  /** Nothing is known to be missed, and something may be. */
  | { verdict: "unknown"; reason: FireReason }
  | { verdict: "nothing" };

/** Judges by the audit of the same options what one run is to make up for. Pure, and never a guess. */
export function catchUpOf(automation: AutomationDetail, options: AuditOptions): CatchUp {
  const audit = auditOf(automation, options);
  const missed = audit.fires.filter(({ result }) => result === "missed").map(({ expectedMs }) => expectedMs);
  const last = missed.at(-1);
  if (last === undefined) return doubtOf(audit);
  const settled = missed.filter((ms) => options.nowMs - ms > settleMs);
  const lastMs = settled.at(-1);
  if (lastMs === undefined)
    return { verdict: "left", owed: { runs: missed.length, lastMs: last }, why: { reason: "settling" } };
  const owed = { runs: settled.length, lastMs };
  const why: NotStarted | undefined =
    automation.enabled === true ? whyNotStarted(automation, owed) : { reason: "paused" };
  return why === undefined ? { verdict: "start", owed } : { verdict: "left", owed, why };
}

/** That it was paused is known, and so is what a run answered, however late: neither is a doubt. */
function doubtOf({ fires, problem }: Audit): CatchUp {
  const doubtful = fires.findLast(
    ({ result, reason, run }) =>
      result === "unknown" && reason !== "paused" && (run === undefined || reason === "run_without_trigger"),
  );
  const reason = problem ?? doubtful?.reason;
  return reason === undefined ? { verdict: "nothing" } : { verdict: "unknown", reason };
}

/**
 * Why no run is started for what is owed: one is under way, or a person has started one since. As listed it tells of its last
 * run alone; what started that isn't said.
 */
export function whyNotStarted(
  automation: Automation,
  { lastMs }: Pick<Owed, "lastMs">,
): NotStarted | undefined {
  const runs = runsOf(automation);
  const going = runs.find(isUnderWay);
  if (going !== undefined) {
    const reason = going.status === "waiting_on_human" ? "waiting" : "running";
    return { reason, runId: going.run_id };
  }
  const made = runs.find(
    (run) => startedBy(run) !== "schedule" && Date.parse(run.started_at ?? "") >= lastMs,
  );
  return made === undefined ? undefined : { reason: "made_up", runId: made.run_id };
}

function runsOf({ recent_runs: runs, last_run_at, last_run_status }: Automation): Partial<Run>[] {
  if (Array.isArray(runs)) return runs;
  return last_run_at ? [{ started_at: last_run_at, status: last_run_status }] : [];
}

/** The fires that a pause of this time kept from happening; undefined where the schedule can't be read, or there is none. */
export function keptFrom(schedule: string | null | undefined, paused: Span): Owed | undefined {
  const { firesMs = [], count: runs = 0 } = firingSchedule(schedule)?.within(paused, 1) ?? {};
  const lastMs = firesMs.at(-1);
  return lastMs === undefined ? undefined : { runs, lastMs };
}
