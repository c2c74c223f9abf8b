import { isFinal, isUnderWay } from "../api/run-status.js";
import type { Run } from "../api/types.js";
import type { Span } from "./fires.js";

/** What the runs of an automation, or of several together, come to. Times are ms since 1970, durations ms. */
export interface RunStatistics {
  runs: number;
  completed: number;
  failed: number;
  /** Still going, or waiting for a human. */
  underWay: number;
  /** Of those that ended, from 0 to 1; undefined where none has. */
  success: number | undefined;
  /** Of those that ended and say when; undefined where none does. */
  medianMs: number | undefined;
  p95Ms: number | undefined;
  /** How many of the last that ended failed, one after the other. */
  failuresInARow: number;
  /** The failures by their text, the most frequent first; equal ones by the last that failed so. */
  errors: readonly FailureGroup[];
  /** The start of the oldest run that was counted; how far back these numbers go. */
  oldestMs: number | undefined;
}

export interface FailureGroup {
  /** As the API tells it; undefined where it doesn't. */
  error: string | undefined;
  failed: number;
  lastMs: number;
}

/** The statistics of the runs that started within a window; a run that doesn't say when is left out. */
export function statisticsOf(runs: readonly Run[], { sinceMs, untilMs }: Span): RunStatistics {
  const started = runs
    .map((run) => ({ run, startedMs: Date.parse(run.started_at ?? "") }))
    .filter(({ startedMs }) => startedMs >= sinceMs && startedMs < untilMs)
    .sort((one, other) => one.startedMs - other.startedMs);
  const ended = started.filter(({ run: { status } }) => isFinal(status));
  const failures = ended.filter(({ run: { status } }) => status === "error");
  const tookMs = ended
    .map(({ run, startedMs }) => Date.parse(run.completed_at ?? "") - startedMs)
    .filter((ms) => ms >= 0)
    .sort((one, other) => one - other);
  const lastGood = ended.findLastIndex(({ run: { status } }) => status !== "error");
  return {
    runs: started.length,
    completed: ended.length - failures.length,
    failed: failures.length,
    underWay: started.filter(({ run }) => isUnderWay(run)).length,
    success: ended.length === 0 ? undefined : (ended.length - failures.length) / ended.length,
    medianMs: medianOf(tookMs),
    p95Ms: tookMs[Math.ceil(tookMs.length * 0.95) - 1],
    failuresInARow: ended.length - 1 - lastGood,
    errors: groupsOf(failures),
    oldestMs: started[0]?.startedMs,
  };
}

/** Of sorted numbers; between the two in the middle where there are two. */
function medianOf(sorted: readonly number[]): number | undefined {
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  return upper === undefined || lower === undefined ? undefined : (lower + upper) / 2;
}

function groupsOf(failures: readonly { run: Run; startedMs: number }[]): FailureGroup[] {
  const groups = new Map<string | undefined, FailureGroup>();
  for (const { run, startedMs } of failures) {
    const error = run.error ?? undefined;
    groups.set(error, { error, failed: (groups.get(error)?.failed ?? 0) + 1, lastMs: startedMs });
  }
  return [...groups.values()].sort((one, other) => other.failed - one.failed || other.lastMs - one.lastMs);
}
