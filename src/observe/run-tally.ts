import { isFinal } from "../api/run-status.js";
import type { Run } from "../api/types.js";
import type { Span } from "./fires.js";
import { timedRuns } from "./match.js";

/** What the runs that started within a window come to, whoever started them. */
export interface RunTally {
  runs: number;
  failed: number;
  /** The least that 95 in 100 of those that ended didn't exceed, in ms; undefined where none says when it ended. */
  p95Ms: number | undefined;
}

/** Counts the runs that say that they started within the window. */
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
