import {
  type CronFields,
  daysInMonth,
  formatCron,
  isSame,
  normalize,
  restrictsDates,
  restrictsWeekdays,
  sorted,
} from "./fields.js";

/** Reasons why no cron has the shifted times: `minutes` differ from hour to hour, only `some` cross midnight, or the `dates`. */
export type ShiftProblem = "minutes" | "some" | "dates";

export type Shift = { ok: true; fields: CronFields } | { ok: false; problem: ShiftProblem };

export const minutesOfDay = 1440;

/** The times by a clock that shows `offsetMinutes` less (UTC for a zone east of it), if one cron has exactly them. */
export function shiftBack(fields: CronFields, offsetMinutes: number): Shift {
  if (offsetMinutes === 0) return { ok: true, fields };
  if (!Number.isInteger(offsetMinutes)) return { ok: false, problem: "minutes" };
  const shifted = fields.hours.flatMap((hour) =>
    fields.minutes.map((minute) => hour * 60 + minute - offsetMinutes),
  );
  const times = sorted(shifted.map((time) => (time + 2 * minutesOfDay) % minutesOfDay));
  const minutes = sorted(times.map((time) => time % 60));
  const hours = sorted(times.map((time) => Math.floor(time / 60)));
  if (times.length !== minutes.length * hours.length) return { ok: false, problem: "minutes" };
  const dayShifts = sorted(shifted.map((time) => Math.floor(time / minutesOfDay)));
  if (isSame(dayShifts, [0])) return { ok: true, fields: normalize({ ...fields, minutes, hours }) };
  const days = dayShifts.map((dayShift) => shiftDays(fields, dayShift));
  const [first] = days;
  if (first === undefined || days.includes(undefined)) return { ok: false, problem: "dates" };
  const results = days.flatMap((day) => (day === undefined ? [] : [normalize({ minutes, hours, ...day })]));
  const [result] = results;
  if (result === undefined || new Set(results.map(formatCron)).size > 1)
    return { ok: false, problem: "some" };
  return { ok: true, fields: result };
}

type Days = Pick<CronFields, "days" | "months" | "weekdays">;

function shiftDays(fields: CronFields, dayShift: number): Days | undefined {
  const { days, months } = fields;
  const weekdays = sorted(fields.weekdays.map((weekday) => (weekday + dayShift + 7) % 7));
  const isEveryMonth = months.length === 12;
  if (dayShift === 0 || (isEveryMonth && !restrictsDates(fields))) return { days, months, weekdays };
  // The Mondays of June move to Sundays of which one may lie in May.
  if (!isEveryMonth && restrictsWeekdays(fields)) return undefined;
  const dates = shiftDates({ days, months }, dayShift);
  if (dates === undefined || (restrictsWeekdays(fields) && dates.months.length < 12)) return undefined;
  return { ...dates, weekdays };
}

type Dates = Pick<CronFields, "days" | "months">;

/** A common year and a leap year, which stand for all: their neighbours begin and end alike. */
const yearKinds = [2023, 2024];

function shiftDates(dates: Dates, dayShift: number): Dates | undefined {
  const moved = yearKinds.map((year) =>
    listDates(year, dates).map((date) => new Date(date.getTime() + dayShift * minutesOfDay * 60_000)),
  );
  const days = sorted(moved.flat().map((date) => date.getUTCDate()));
  const months = sorted(moved.flat().map((date) => date.getUTCMonth() + 1));
  const isExact = yearKinds.every((year, index) => {
    const expected = new Set((moved[index] ?? []).map(dayOfYear));
    const listed = listDates(year, { days, months }).map(dayOfYear);
    return listed.length === expected.size && listed.every((day) => expected.has(day));
  });
  return isExact ? { days, months } : undefined;
}

function listDates(year: number, { days, months }: Dates): Date[] {
  return months.flatMap((month) =>
    days
      .filter((day) => day <= daysInMonth(month))
      .map((day) => new Date(Date.UTC(year, month - 1, day)))
      .filter((date) => date.getUTCMonth() === month - 1),
  );
}

/** The date without its year: the 31st of December before is the one after. */
function dayOfYear(date: Date): string {
  return date.toISOString().slice(5, 10);
}
