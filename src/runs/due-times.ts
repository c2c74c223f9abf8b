import { memoize } from "../schedule/cron.js";
import { type CronTimes, cronTimes } from "../schedule/cron-times.js";
import { readSchedule } from "../schedule/read.js";

/** A half-open span, without `untilMs`; ms since 1970. */
export interface Span {
  sinceMs: number;
  untilMs: number;
}

/** Due times of one automation that are examined, the last ones: a schedule of every minute has 43,200 in 30 days. */
const mostDueTimes = 1_000;

/** A schedule, parsed once for many questions. */
export interface DueTimes {
  within(window: Span, most?: number): ReturnType<CronTimes["between"]>;
  after: CronTimes["after"];
}

/** `undefined` for a text that can't be read. Never throws. */
export function dueTimesOf(schedule: string | null | undefined): DueTimes | undefined {
  return readDueTimes(schedule ?? "");
}

const readDueTimes = memoize((text: string): DueTimes | undefined => {
  const reading = readSchedule(text);
  const times = reading.ok ? cronTimes(reading.cron) : undefined;
  if (times === undefined) return undefined;
  // A fleet is asked about one window. Of many schedules that run each minute the times would fill the memory.
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
