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
  /** The one of `errors` that came last. */
  lastError: FailureGroup | undefined;
  /** The last runs, at most `mostLast`, the newest at the end. */
  last: readonly LastRun[];
}

interface FailureGroup {
  /** As the API tells it; undefined where it doesn't. */
  error: string | undefined;
  failed: number;
  firstMs: number;
  lastMs: number;
}

interface LastRun extends Pick<Run, "status"> {
  /** Undefined where it isn't over, or doesn't say when. */
  tookMs: number | undefined;
}

/** As many as the API tells of one automation, as far as is known. */
export const mostLast = 20;

/** What statistics look at of a run that says when it started. */
export interface StartedRun extends Pick<Run, "run_id" | "status"> {
  /** ms since 1970. */
  startedMs: number;
  /** ms; undefined where it isn't over, or doesn't say when. */
  tookMs: number | undefined;
  /** What it failed with; undefined where it didn't, or doesn't say. */
  error: string | undefined;
  isUnderWay: boolean;
}

/** Those that say that they started within the window, as little of each as is needed: a fleet has hundreds of thousands. */
export function startedWithin(runs: readonly Run[], { sinceMs, untilMs }: Span): StartedRun[] {
  const within: StartedRun[] = [];
  for (const run of runs) {
    const startedMs = Date.parse(run.started_at ?? "");
    if (!(startedMs >= sinceMs && startedMs < untilMs)) continue;
    const { run_id, status } = run;
    const error = hasFailed(run) ? run.error || undefined : undefined;
    within.push({
      run_id,
      status,
      startedMs,
      error,
      tookMs: tookMs(run, startedMs),
      isUnderWay: isUnderWay(run),
    });
  }
  return within;
}

/** The oldest first; equal ones by their ids. */
export function oldestFirst<Item extends Pick<StartedRun, "run_id" | "startedMs">>(items: Item[]): Item[] {
  return items.sort((one, other) => one.startedMs - other.startedMs || (one.run_id < other.run_id ? -1 : 1));
}

/** The statistics of runs; they are put in order. */
export function statisticsOf(started: StartedRun[]): RunStatistics {
  const runs = oldestFirst(started);
  const failures: StartedRun[] = [];
  const took: number[] = [];
  let completed = 0;
  let underWay = 0;
  let failuresInARow = 0;
  for (const run of runs) {
    if (run.isUnderWay) underWay += 1;
    if (!isFinal(run.status)) continue;
    if (run.tookMs !== undefined) took.push(run.tookMs);
    if (hasFailed(run)) {
      failures.push(run);
      failuresInARow += 1;
    } else {
      completed += 1;
      failuresInARow = 0;
    }
  }
  took.sort((one, other) => one - other);
  const ended = completed + failures.length;
  const errors = failureGroups(failures);
  return {
    runs: runs.length,
    completed,
    failed: failures.length,
    underWay,
    success: ended === 0 ? undefined : completed / ended,
    medianMs: medianOf(took),
    p95Ms: took[Math.ceil(took.length * 0.95) - 1],
    failuresInARow,
    errors,
    lastError: errors.find(({ error }) => error === failures.at(-1)?.error),
    last: runs.slice(-mostLast).map(({ status, tookMs }) => ({ status, tookMs })),
  };
}

/** Whether a run ended in error. */
export function hasFailed({ status }: Pick<Run, "status">): boolean {
  return status === "error";
}

function failureGroups(failures: readonly StartedRun[]): FailureGroup[] {
  return groupFailures(failures).map(({ error, items }) => ({
    error,
    failed: items.length,
    firstMs: items[0].startedMs,
    lastMs: (items.at(-1) ?? items[0]).startedMs,
  }));
}

/** Failures that say the same. */
export interface AlikeFailures<Item> {
  /** As the API tells it; undefined where it doesn't. */
  error: string | undefined;
  /** The oldest first. */
  items: readonly [Item, ...Item[]];
}

/** Failures, the oldest first, by their text: the most frequent first, equal ones by the last that failed so. */
export function groupFailures<Item extends Pick<StartedRun, "error" | "startedMs">>(
  failures: readonly Item[],
): AlikeFailures<Item>[] {
  const groups = new Map<string | undefined, [Item, ...Item[]]>();
  for (const item of failures) {
    const items = groups.get(item.error);
    if (items === undefined) groups.set(item.error, [item]);
    else items.push(item);
  }
  const lastMs = ([first, ...others]: readonly [Item, ...Item[]]) => (others.at(-1) ?? first).startedMs;
  return [...groups]
    .map(([error, items]) => ({ error, items }))
    .sort(({ items: one }, { items: other }) => other.length - one.length || lastMs(other) - lastMs(one));
}

function tookMs({ status, completed_at: at }: Run, startedMs: number): number | undefined {
  if (!isFinal(status)) return undefined;
  const ms = Date.parse(at ?? "") - startedMs;
  return ms >= 0 ? ms : undefined;
}

/** Of sorted numbers; between the two in the middle where there are two. */
function medianOf(sorted: readonly number[]): number | undefined {
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  return upper === undefined || lower === undefined ? undefined : (lower + upper) / 2;
}
