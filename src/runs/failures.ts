import { isFinal, msOf } from "../api/schema.js";
import type { Automation, Run } from "../api/types.js";

/** How many of the newest finished runs failed in a row. */
export interface Failures {
  inARow: number;
  /** True if there may be more, because the API doesn't list older runs. */
  areMore: boolean;
  /** True if none of the counted runs completed. */
  areAll: boolean;
  /** When the first one started, or the oldest listed, in ms since 1970; undefined if there are no failures. */
  sinceMs: number | undefined;
}

/** The maximum count, because the API may list no more runs than this. */
export const mostFailures = 20;

/** How far ahead of our current time a run may have started, in ms, because clocks differ. */
const mostAheadMs = 60_000;

/**
 * Counts the runs that failed since the newest completed one, in the order of their starts, each only once; with
 * `afterMs`, only those started later. A run with no start, or one in the future, neither counts nor ends the series.
 */
export function failuresInARow(
  runs: readonly Run[],
  { nowMs, afterMs = Number.NEGATIVE_INFINITY }: { nowMs: number; afterMs?: number | undefined },
): Failures {
  const ids = new Set<string>();
  const ended = runs
    .filter((run) => isFinal(run.status) && startOf(run.started_at) <= nowMs + mostAheadMs)
    .sort((one, other) => startOf(other.started_at) - startOf(one.started_at))
    .filter(({ run_id }) => ids.size < ids.add(run_id).size);
  const counted = ended.filter((run) => startOf(run.started_at) > afterMs);
  const completed = counted.findIndex(({ status }) => status === "completed");
  const areAll = completed === -1;
  const isCut = new Set(runs.map(({ run_id }) => run_id)).size >= mostFailures;
  const areMore = areAll && isCut && counted.length === ended.length && counted.length > 0;
  const failed = areAll ? counted : counted.slice(0, completed);
  const inARow = areMore ? Math.min(failed.length, mostFailures) : failed.length;
  return { inARow, areMore, areAll, sinceMs: msOf(failed.at(-1)?.started_at) };
}

/** True if the list item alone doesn't show that its last run that counts succeeded. */
export function mayBeFailing({ last_run_at: at, last_run_status: last }: Automation, nowMs: number): boolean {
  if (last === "completed") return at !== undefined && startOf(at) > nowMs + mostAheadMs;
  return at !== null || Boolean(last);
}

function startOf(startedAt: Run["started_at"]): number {
  return msOf(startedAt) ?? Number.POSITIVE_INFINITY;
}
