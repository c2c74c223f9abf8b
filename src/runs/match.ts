/** Matches due times with the runs that answer them. */

import { isUnderWay, msOf } from "../api/schema.js";
import type { Run } from "../api/types.js";
import { memoize } from "../schedule/cron.js";
import { type CronTimes, cronTimes } from "../schedule/cron-times.js";
import { readSchedule } from "../schedule/read.js";

/** A run whose start is known; ms since 1970. */
export interface TimedRun {
  run: Run;
  startedMs: number;
  /** `undefined`: still going, or waiting for a human. `unknown`: it ended at a time that the API doesn't report. */
  endedMs: number | "unknown" | undefined;
}

export interface Matching {
  answers: ReadonlyMap<number, TimedRun>;
  /** Due times that have no run, but that a later run may have made up for. */
  maybeMadeUp: ReadonlySet<number>;
  /** Due times for which there are only runs with no known trigger. */
  maybeAnswered: ReadonlyMap<number, TimedRun>;
}

/** Tolerance for servers that cut off a start time's fraction of a second. */
export const earlyMs = 1_000;

/** The runs that have a start time, in the order in which they started. */
export function timedRuns(runs: readonly Run[]): TimedRun[] {
  const timed: TimedRun[] = [];
  for (const run of runs) {
    const startedMs = msOf(run.started_at);
    if (startedMs === undefined) continue;
    const endedMs = msOf(run.completed_at) ?? (isUnderWay(run) ? undefined : "unknown");
    timed.push({ run, startedMs, endedMs });
  }
  return timed.sort((one, other) => one.startedMs - other.startedMs);
}

/** Only `schedule` and `manual`, the API's own words, count; any other trigger is unknown. */
export function startedBy({ trigger }: Partial<Run>): "schedule" | "manual" | "unknown" {
  return trigger === "schedule" || trigger === "manual" ? trigger : "unknown";
}

/**
 * Matches each run with the last time that was due before it started. The first run for a due time answers it; any
 * others may have made up for unanswered ones just before. Manual runs answer no due time. Both lists must be in order.
 */
export function matchRuns(timesMs: readonly number[], runs: readonly TimedRun[]): Matching {
  const answers = new Map<number, TimedRun>();
  const maybeAnswered = new Map<number, TimedRun>();
  const extras = new Set<number>();
  let next = 0;
  for (const timed of runs) {
    while ((timesMs[next] ?? Number.POSITIVE_INFINITY) <= timed.startedMs + earlyMs) next += 1;
    const dueMs = timesMs[next - 1];
    const by = startedBy(timed.run);
    if (dueMs === undefined || by === "manual") continue;
    if (by === "unknown") {
      if (!maybeAnswered.has(dueMs)) maybeAnswered.set(dueMs, timed);
    } else if (answers.has(dueMs)) extras.add(dueMs);
    else answers.set(dueMs, timed);
    // It started a little early, so it may instead be a very late run for the previous due time.
    if (timed.startedMs < dueMs) extras.add(dueMs);
  }
  return { answers, maybeAnswered, maybeMadeUp: madeUp(timesMs, answers, extras) };
}

function madeUp(
  timesMs: readonly number[],
  answers: ReadonlyMap<number, TimedRun>,
  extras: ReadonlySet<number>,
): Set<number> {
  const found = new Set<number>();
  for (const [at, dueMs] of timesMs.entries()) {
    if (!extras.has(dueMs)) continue;
    for (let before = at - 1; before >= 0; before -= 1) {
      const earlierMs = timesMs[before];
      if (earlierMs === undefined || answers.has(earlierMs)) break;
      found.add(earlierMs);
    }
  }
  return found;
}

export function overlappingRuns(runs: readonly TimedRun[]): Set<TimedRun> {
  const found = new Set<TimedRun>();
  let lastEndMs = Number.NEGATIVE_INFINITY;
  for (const run of runs) {
    if (lastEndMs > run.startedMs) found.add(run);
    const endedMs = run.endedMs === "unknown" ? run.startedMs : (run.endedMs ?? Number.POSITIVE_INFINITY);
    lastEndMs = Math.max(lastEndMs, endedMs);
  }
  return found;
}

export function isGoingAt({ endedMs }: TimedRun, ms: number): boolean {
  return endedMs === undefined || (endedMs !== "unknown" && endedMs > ms);
}

/** A span of time that doesn't include `untilMs`; ms since 1970. */
export interface Span {
  sinceMs: number;
  untilMs: number;
}

/** How many of an automation's last due times are examined; every minute makes 43,200 in 30 days. */
const mostDueTimes = 1_000;

/** A schedule, which is parsed once for many queries. */
export interface DueTimes {
  within(window: Span, most?: number): ReturnType<CronTimes["between"]>;
  after: CronTimes["after"];
}

/** Returns `undefined` if the text is unreadable. Never throws. */
export function dueTimesOf(schedule: string | null | undefined): DueTimes | undefined {
  return readDueTimes(schedule ?? "");
}

const readDueTimes = memoize((text: string): DueTimes | undefined => {
  const reading = readSchedule(text);
  const times = reading.ok ? cronTimes(reading.cron) : undefined;
  if (times === undefined) return undefined;
  // Caches only the last window: a fleet uses just one, and every schedule's times would fill the memory.
  let last: { asked: string; times: ReturnType<CronTimes["between"]> } | undefined;
  return {
    within: ({ sinceMs, untilMs }, most = mostDueTimes) => {
      const asked = [sinceMs, untilMs, most].join();
      if (last?.asked === asked) return last.times;
      const found = times.between(sinceMs, untilMs, most);
      last = found.timesMs.length <= mostDueTimes ? { asked, times: found } : undefined;
      return found;
    },
    after: times.after,
  };
});
