import { type CronTimes, cronTimes } from "../schedule/cron-times.js";
import { memoize } from "../schedule/memoize.js";
import { readSchedule } from "../schedule/read.js";

/** A half-open span, without `untilMs`; ms since 1970. */
export interface Span {
  sinceMs: number;
  untilMs: number;
}

interface ExpectedTimes {
  timesMs: readonly number[];
  count: number;
}

/** Due times of one automation that are examined, the last ones: a schedule of every minute has 43,200 in 30 days. */
const mostDueTimes = 1_000;

/** A schedule, parsed once for many questions. */
export interface DueTimes {
  /** The last `most` due times within a window. */
  within(window: Span, most?: number): ExpectedTimes;
  /** The first due time after a time; undefined where there is none in thirty years. */
  after(ms: number): number | undefined;
}

/** `undefined` for a text that can't be read. Never throws. */
export function dueTimesOf(schedule: string | null | undefined): DueTimes | undefined {
  return firing(schedule ?? "");
}

const firing = memoize(readFiring);

function readFiring(text: string): DueTimes | undefined {
  const reading = readSchedule(text);
  const times: CronTimes | undefined = reading.ok ? cronTimes(reading.cron) : undefined;
  if (times === undefined) return undefined;
  // A fleet is asked about one window. Of many schedules that run each minute the times would fill the memory.
  let last: { asked: string; times: ExpectedTimes } | undefined;
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
}
