import { memoize, readCron } from "./cron.js";
import { type CronFields, restrictsDates, restrictsWeekdays } from "./fields.js";

/** The times of a schedule, in ms. */
export interface CronTimes {
  /** The last `most` times from `fromMs` on and before `untilMs`, earliest first, and their total number. */
  between(fromMs: number, untilMs: number, most: number): { timesMs: number[]; count: number };
  /** The first time after `ms`; undefined if the next thirty years have none. */
  after(ms: number): number | undefined;
}

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** Days to search: enough for 29 February, which may not exist for eight years. */
const longestGapDays = 30 * 366;

export const cronTimes: (cron: string) => CronTimes | undefined = memoize((cron) => {
  const reading = readCron(cron);
  return reading.ok ? timesOf(reading.fields) : undefined;
});

/** The next `count` times of a UTC cron expression after `from`, earliest first; fewer if thirty years have fewer. */
export function nextTimes(cron: string, from: Date, count: number): Date[] {
  const times = cronTimes(cron);
  const found: Date[] = [];
  let ms: number | undefined = from.getTime();
  while (found.length < count) {
    ms = times?.after(ms);
    if (ms === undefined) break;
    found.push(new Date(ms));
  }
  return found;
}

function timesOf(fields: CronFields): CronTimes {
  const clocksMs = fields.hours.flatMap((hour) =>
    fields.minutes.map((minute) => (hour * 60 + minute) * minuteMs),
  );
  const isDay = dayTest(fields);
  // Automations with the same schedule mostly ask for times in the same interval.
  let last = { fromMs: Number.NaN, nextMs: Number.NaN };
  return {
    between: (fromMs, untilMs, most) => {
      const newestFirst: number[] = [];
      let count = 0;
      for (let day = dayOf(untilMs - 1); day >= dayOf(fromMs); day -= dayMs) {
        if (!isDay(day)) continue;
        const isWhole = day >= fromMs && day + dayMs <= untilMs;
        if (isWhole && newestFirst.length >= most) {
          count += clocksMs.length;
          continue;
        }
        for (const clockMs of clocksMs.toReversed()) {
          const timeMs = day + clockMs;
          if (timeMs < fromMs || timeMs >= untilMs) continue;
          count += 1;
          if (newestFirst.length < most) newestFirst.push(timeMs);
        }
      }
      return { timesMs: newestFirst.reverse(), count };
    },
    after: (ms) => {
      if (ms >= last.fromMs && ms < last.nextMs) return last.nextMs;
      const first = dayOf(ms);
      for (let day = first; day <= first + longestGapDays * dayMs; day += dayMs) {
        if (!isDay(day)) continue;
        const clockMs = clocksMs.find((clock) => day + clock > ms);
        if (clockMs === undefined) continue;
        last = { fromMs: ms, nextMs: day + clockMs };
        return last.nextMs;
      }
      return undefined;
    },
  };
}

function dayOf(ms: number): number {
  return Math.floor(ms / dayMs) * dayMs;
}

/** True for a day in the schedule, given by its start; if both day fields are restricted, one match is enough. */
function dayTest(fields: CronFields): (dayStartMs: number) => boolean {
  const months = new Set(fields.months);
  const days = new Set(fields.days);
  const weekdays = new Set(fields.weekdays);
  const isEither = restrictsDates(fields) && restrictsWeekdays(fields);
  return (dayStartMs) => {
    const date = new Date(dayStartMs);
    if (!months.has(date.getUTCMonth() + 1)) return false;
    const isDate = days.has(date.getUTCDate());
    const isWeekday = weekdays.has(date.getUTCDay());
    return isEither ? isDate || isWeekday : isDate && isWeekday;
  };
}
