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
  /** The start of the oldest run that was counted; how far back these numbers go. */
  oldestMs: number | undefined;
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

/** The statistics of the runs that started within a window; a run that doesn't say when is left out. */
export function statisticsOf(runs: readonly Run[], window: Span): RunStatistics {
  const started = startedWithin(
    runs.map((run) => ({ run })),
    window,
  );
  const tooks = started.map((each) => (isFinal(each.run.status) ? tookMs(each) : undefined));
  const ended = started.filter(({ run: { status } }) => isFinal(status));
  const failures = ended.filter(hasFailed);
  const took = tooks.filter((ms) => ms !== undefined).sort((one, other) => one - other);
  const lastGood = ended.findLastIndex((each) => !hasFailed(each));
  const errors = groupFailures(failures).map(({ error, items }) => ({
    error,
    failed: items.length,
    firstMs: items[0].startedMs,
    lastMs: (items.at(-1) ?? items[0]).startedMs,
  }));
  const lastFailure = failures.at(-1)?.run;
  return {
    runs: started.length,
    completed: ended.length - failures.length,
    failed: failures.length,
    underWay: started.filter(({ run }) => isUnderWay(run)).length,
    success: ended.length === 0 ? undefined : (ended.length - failures.length) / ended.length,
    medianMs: medianOf(took),
    p95Ms: took[Math.ceil(took.length * 0.95) - 1],
    failuresInARow: ended.length - 1 - lastGood,
    errors,
    lastError: lastFailure && errors.find(({ error }) => error === textOf(lastFailure)),
    last: started.map(({ run: { status } }, at) => ({ status, tookMs: tooks[at] })).slice(-mostLast),
    oldestMs: started[0]?.startedMs,
  };
}

/** A run with when it started, in ms since 1970. */
export interface StartedRun {
  run: Run;
  startedMs: number;
}

/** Those that say that they started within the window, the oldest first; equal ones by their ids. */
export function startedWithin<Item extends { run: Run }>(
  items: readonly Item[],
  { sinceMs, untilMs }: Span,
): (Item & StartedRun)[] {
  const within: (Item & StartedRun)[] = [];
  for (const item of items) {
    const startedMs = Date.parse(item.run.started_at ?? "");
    if (startedMs >= sinceMs && startedMs < untilMs) within.push({ ...item, startedMs });
  }
  return within.sort(
    (one, other) => one.startedMs - other.startedMs || (one.run.run_id < other.run.run_id ? -1 : 1),
  );
}

export function hasFailed({ run: { status } }: { run: Run }): boolean {
  return status === "error";
}

/** Failures that say the same. */
export interface AlikeFailures<Item> {
  /** As the API tells it; undefined where it doesn't. */
  error: string | undefined;
  /** The oldest first. */
  items: readonly [Item, ...Item[]];
}

/** Failures, the oldest first, by their text: the most frequent first, equal ones by the last that failed so. */
export function groupFailures<Item extends StartedRun>(failures: readonly Item[]): AlikeFailures<Item>[] {
  const groups = new Map<string | undefined, [Item, ...Item[]]>();
  for (const item of failures) {
    const items = groups.get(textOf(item.run));
    if (items === undefined) groups.set(textOf(item.run), [item]);
    else items.push(item);
  }
  const lastMs = ([first, ...others]: readonly [Item, ...Item[]]) => (others.at(-1) ?? first).startedMs;
  return [...groups]
    .map(([error, items]) => ({ error, items }))
    .sort(({ items: one }, { items: other }) => other.length - one.length || lastMs(other) - lastMs(one));
}

/** A failure that says nothing says the same as one without a text. */
function textOf({ error }: Run): string | undefined {
  return error || undefined;
}

function tookMs({ run, startedMs }: StartedRun): number | undefined {
  const ms = Date.parse(run.completed_at ?? "") - startedMs;
  return ms >= 0 ? ms : undefined;
}

/** Of sorted numbers; between the two in the middle where there are two. */
function medianOf(sorted: readonly number[]): number | undefined {
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  return upper === undefined || lower === undefined ? undefined : (lower + upper) / 2;
}
