import { isFinal } from "../api/run-status.js";
import { msOf } from "../api/schema.js";
import type { Automation, Run } from "../api/types.js";

/** Failures in a row, the newest runs that have ended. */
export interface Failures {
  inARow: number;
  /** True where there may be more: the API lists no older runs. */
  areMore: boolean;
  /** True where no run that counts completed. */
  areAll: boolean;
  /** Start of the first, or of the oldest listed; ms since 1970, undefined where the API doesn't say. */
  sinceMs: number | undefined;
}

/** The most that is counted: the API may list no more runs. */
export const mostFailures = 20;

/** Counts the failed runs since the newest that completed; of those that started after `afterMs`, where that is given. */
export function failuresInARow(runs: readonly Run[], afterMs = Number.NEGATIVE_INFINITY): Failures {
  const ended = runs.filter(({ status }) => isFinal(status));
  // Without a start it isn't known to be after: a failure doesn't count then, and what completed ends the row.
  const startOf = ({ started_at, status }: Run) =>
    msOf(started_at) ?? (status === "error" ? afterMs : Infinity);
  const counted = ended.filter((run) => afterMs === Number.NEGATIVE_INFINITY || startOf(run) > afterMs);
  const completed = counted.findIndex(({ status }) => status === "completed");
  const areAll = completed === -1;
  const isCut = runs.length >= mostFailures && counted.length === ended.length;
  const areMore = areAll && isCut && counted.length > 0;
  const failed = areAll ? counted : counted.slice(0, completed);
  const inARow = areMore ? Math.min(failed.length, mostFailures) : failed.length;
  return { inARow, areMore, areAll, sinceMs: msOf(failed.at(-1)?.started_at) };
}

/** True where a list item alone can't say that its last run that ended went well. */
export function mayBeFailing({ last_run_at: at, last_run_status: last }: Automation): boolean {
  return at !== null && last !== "completed";
}
