import { isFinal, msOf } from "../api/schema.js";
import type { Automation, Run } from "../api/types.js";

/** Consecutive failures: the newest finished runs, if they failed. */
export interface Failures {
  inARow: number;
  /** True if there may be more, because the API lists no older runs. */
  areMore: boolean;
  /** True if no counted run completed. */
  areAll: boolean;
  /** Start of the first, or of the oldest listed; ms since 1970, undefined without failures. */
  sinceMs: number | undefined;
}

/** Maximum count, because the API may list no more runs. */
export const mostFailures = 20;

/** Milliseconds by which a run's start may be ahead of our current time, because clocks differ. */
const mostAheadMs = 60_000;

/**
 * Counts the failed runs since the newest completed one, each once, by their starts; with `afterMs` only runs that
 * started later. A run without a start, or with a future one, neither counts nor ends the series.
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

/** True if the list item alone can't show that its last counted run succeeded. */
export function mayBeFailing({ last_run_at: at, last_run_status: last }: Automation, nowMs: number): boolean {
  if (last === "completed") return at !== undefined && startOf(at) > nowMs + mostAheadMs;
  return at !== null || Boolean(last);
}

function startOf(startedAt: Run["started_at"]): number {
  return msOf(startedAt) ?? Number.POSITIVE_INFINITY;
}
