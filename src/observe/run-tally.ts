import { isFinal } from "../api/run-status.js";
import type { Run } from "../api/types.js";
import type { Span } from "./due-times.js";
import { timedRuns } from "./match.js";

/** Totals of the runs that started within a window, whoever started them. */
export interface RunTally {
  runs: number;
  failed: number;
  /** The 95th percentile of the durations in ms; undefined where none is known. */
  p95Ms: number | undefined;
}

export function tallyRuns(runs: readonly Run[], { sinceMs, untilMs }: Span): RunTally {
  const within = timedRuns(runs).filter(({ startedMs }) => startedMs >= sinceMs && startedMs < untilMs);
  const ended = within.filter(({ run }) => isFinal(run.status));
  const took = ended
    .flatMap(({ startedMs, endedMs }) => (typeof endedMs === "number" ? [endedMs - startedMs] : []))
    .filter((ms) => ms >= 0)
    .sort((one, other) => one - other);
  return {
    runs: within.length,
    failed: ended.filter(({ run }) => run.status === "error").length,
    p95Ms: took[Math.ceil(took.length * 0.95) - 1],
  };
}
