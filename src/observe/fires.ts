import { type CronTimes, cronTimes } from "../schedule/cron-times.js";
import { memoize } from "../schedule/memoize.js";
import { readSchedule } from "../schedule/read.js";

/** From `sinceMs` on and before `untilMs`; ms since 1970. */
export interface Span {
  sinceMs: number;
  untilMs: number;
}

/** The times at which a schedule fires within a window. */
interface ExpectedFires {
  /** Soonest first: all of them, or only the last ones. */
  firesMs: readonly number[];
  /** All that the window has. */
  count: number;
}

/** So many fires of one automation are looked at, the last ones: a schedule of every minute has 43,200 in 30 days. */
const mostFires = 1_000;

/** A schedule of the server's, read once for many questions. */
export interface FiringSchedule {
  /** The fires within a window; at most the last `most` (`mostFires` if left out) are given. */
  within(window: Span, most?: number): ExpectedFires;
  /** The first fire after a time; undefined where there is none in thirty years. */
  after(ms: number): number | undefined;
}

/** Undefined: what the text says can't be read, so that nobody knows when it fires. Never throws. */
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
