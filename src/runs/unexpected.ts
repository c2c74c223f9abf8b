import { msOf } from "../api/schema.js";
import type { Automation, Run } from "../api/types.js";
import { startedBy, type TimedRun, timedRuns } from "./match.js";
import type { KnownChange } from "./proven-times.js";

/** Milliseconds of grace for a run that was already starting when its schedule was paused. */
const graceMs = 1000;

/** Why it isn't known whether the schedule of a paused automation started a run. */
export type RunDoubt = "run_without_trigger" | "run_without_start" | "run_not_listed" | "before_oldest_run";

export interface SincePause {
  /** Runs started by its schedule, newest first. */
  unexpected: readonly Run[];
  /** All runs since the pause, newest first, including manual ones. */
  runs: readonly Run[];
  /** Why it isn't known whether a run was unexpected; undefined if one certainly was. */
  doubt: RunDoubt | undefined;
  /** True if the automation was changed after its unexpected runs started, and so may have been enabled for them. */
  mayHaveBeenEnabled: boolean;
}

/** When a paused automation was last paused, in ms since 1970, from the known changes or else its `updated_at`. */
export function lastPausedMs(
  { updated_at }: Pick<Automation, "updated_at">,
  changes: readonly KnownChange[] = [],
): number | undefined {
  let pausedMs: number | undefined;
  for (const { change, atMs } of changes.toSorted((one, other) => one.atMs - other.atMs)) {
    if (change === "pause") pausedMs = atMs;
    else if (change !== "update") pausedMs = undefined;
  }
  return pausedMs ?? msOf(updated_at);
}

/** True if a listed automation is paused and has run since then, so that its runs have to be read. */
export function hasRunSince({ enabled, last_run_at }: Automation, pausedMs: number | undefined): boolean {
  const lastMs = msOf(last_run_at);
  return enabled === false && pausedMs !== undefined && lastMs !== undefined && isSince(lastMs, pausedMs);
}

type RunsRead = Pick<Automation, "last_run_at" | "updated_at"> & { recent_runs: readonly Run[] };

/**
 * Judges the recent runs of a paused automation by the time when it was paused (src/runs/README.md, "Unexpected runs").
 */
export function runsSincePause(automation: RunsRead, pausedMs: number): SincePause {
  const timed = timedRuns(automation.recent_runs);
  const since = timed.filter(({ startedMs }) => isSince(startedMs, pausedMs)).toReversed();
  const unexpected = since.filter(({ run }) => startedBy(run) === "schedule");
  const [newest] = unexpected;
  const changedMs = msOf(automation.updated_at) ?? Number.NEGATIVE_INFINITY;
  return {
    unexpected: unexpected.map(({ run }) => run),
    runs: since.map(({ run }) => run),
    doubt: newest === undefined ? doubtOf(automation, { timed, pausedMs }) : undefined,
    mayHaveBeenEnabled:
      newest !== undefined && isSince(changedMs, pausedMs) && !isSince(newest.startedMs, changedMs),
  };
}

/** True if `stamp` was set as a run from before our last change ended, and no scheduled run has started since. */
export function isRunsEnd(
  stamp: string,
  { recent_runs = [], ...automation }: Partial<RunsRead>,
  { pausedMs = Number.NaN, changedMs }: { pausedMs: number | undefined; changedMs: number },
): boolean {
  const { unexpected, doubt } = runsSincePause({ ...automation, recent_runs }, pausedMs);
  const isEnd = ({ started_at, completed_at }: Run) => {
    const afterMs = Date.parse(stamp) - Date.parse(completed_at ?? "");
    return Date.parse(started_at ?? "") < changedMs && afterMs >= -1_000 && afterMs <= 5_000;
  };
  return unexpected.length === 0 && doubt === undefined && recent_runs.some(isEnd);
}

/** The reason why there may be a scheduled run that isn't listed. */
function doubtOf(
  { recent_runs: runs, last_run_at }: RunsRead,
  { timed, pausedMs }: { timed: readonly TimedRun[]; pausedMs: number },
): RunDoubt | undefined {
  const startOf = ({ started_at }: Run) => msOf(started_at) ?? Number.POSITIVE_INFINITY;
  const lastBefore = runs.findIndex((run) => !isSince(startOf(run), pausedMs));
  const unexplained = runs
    .slice(0, lastBefore === -1 ? undefined : lastBefore)
    .filter((run) => startedBy(run) !== "manual");
  const [first] = unexplained;
  if (first !== undefined)
    return unexplained.some(({ started_at }) => msOf(started_at) === undefined)
      ? "run_without_start"
      : "run_without_trigger";
  const lastMs = msOf(last_run_at) ?? Number.NEGATIVE_INFINITY;
  const isListed = timed.some(
    ({ startedMs, endedMs }) => startedMs >= lastMs || (typeof endedMs === "number" && endedMs >= lastMs),
  );
  if (isSince(lastMs, pausedMs) && !isListed) return "run_not_listed";
  return timed.length > 0 && lastBefore === -1 ? "before_oldest_run" : undefined;
}

function isSince(ms: number, pausedMs: number): boolean {
  return ms > pausedMs + graceMs;
}
