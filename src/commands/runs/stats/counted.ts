import type { AutomationDetail } from "../../../api/types.js";
import { type StartedRun, startedWithin } from "../../../observe/statistics.js";
import { oldestStartMs } from "../../../runs/run-row.js";
import type { SeenAutomation, SeenPlace } from "../list/reach.js";

/** From when on runs count, and until now; ms since 1970. */
export interface Since {
  sinceMs: number;
  nowMs: number;
}

/** What is kept of an automation that was read; its runs themselves aren't. */
export interface Counted extends SeenAutomation {
  /** How many runs it has within the window; one that doesn't say when it started may be. */
  count: number;
}

/** An automation that was read, with those of its runs that started within the window. */
export function seeRuns(
  place: SeenPlace,
  { automation_id, name, last_run_at: last, recent_runs: runs }: AutomationDetail,
  { sinceMs }: Since,
): { counted: Counted; started: StartedRun[] } {
  const started = startedWithin(runs, { sinceMs, untilMs: Number.POSITIVE_INFINITY });
  const untold = runs.filter(({ started_at: at }) => Number.isNaN(Date.parse(at ?? ""))).length;
  const oldestMs = oldestStartMs(runs);
  const counted = {
    ...place,
    automation: { automation_id, name },
    lastRunAt: last ?? runs[0]?.started_at,
    runs: runs.length,
    oldestMs: () => oldestMs,
    count: started.length + untold,
  };
  return { counted, started };
}

/** How many runs there are within the window. */
export function countOf(seen: readonly Counted[]): number {
  return seen.reduce((sum, { count }) => sum + count, 0);
}
