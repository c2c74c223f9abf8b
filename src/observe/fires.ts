import { type CronTimes, cronTimes } from "../schedule/cron-times.js";
import { memoize } from "../schedule/memoize.js";
import { readSchedule } from "../schedule/read.js";

/** A half-open span, without `untilMs`; ms since 1970. */
export interface Span {
  sinceMs: number;
  untilMs: number;
}

interface ExpectedFires {
  firesMs: readonly number[];
  count: number;
}

/** Fires of one automation that are examined, the last ones: a schedule of every minute has 43,200 in 30 days. */
const mostFires = 1_000;

/** A schedule, parsed once for many questions. */
export interface FiringSchedule {
  /** The last `most` fires within a window. */
  within(window: Span, most?: number): ExpectedFires;
  /** The first fire after a time; undefined where there is none in thirty years. */
  after(ms: number): number | undefined;
}

/** `undefined` for a text that can't be read. Never throws. */
export function firingSchedule(schedule: string | null | undefined): FiringSchedule | undefined {
  return firing(schedule ?? "");
}

const firing = memoize(readFiring);

function readFiring(text: string): FiringSchedule | undefined {
  const reading = readSchedule(text);
  const times: CronTimes | undefined = reading.ok ? cronTimes(reading.cron) : undefined;
  if (times === undefined) return undefined;
  // A fleet is asked about one window. Of many schedules that fire each minute the times would fill the memory.
  let last: { asked: string; fires: ExpectedFires } | undefined;
  return {
    within: ({ sinceMs, untilMs }, most = mostFires) => {
      const asked = [sinceMs, untilMs, most].join();
      if (last?.asked === asked) return last.fires;
      const { timesMs, count } = times.between(sinceMs, untilMs, most);
      const fires = { firesMs: timesMs, count };
      last = timesMs.length <= mostFires ? { asked, fires } : undefined;
      return fires;
    },
    after: times.after,
  };
}
