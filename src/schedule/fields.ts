/**
 * The times in a cron expression, as sorted lists without repetition. An unrestricted day field contains every value
 * (31 and 7); two restricted day fields mean "or".
 */
export interface CronFields {
  minutes: readonly number[];
  hours: readonly number[];
  days: readonly number[];
  /** 1 is January. */
  months: readonly number[];
  /** 0 is Sunday. */
  weekdays: readonly number[];
}

export const monthNames = (
  "January February March April May June July " + "August September October November December"
).split(" ");

export const weekdayNames = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");

export function range(from: number, to: number, step = 1): number[] {
  const values: number[] = [];
  for (let value = from; value <= to; value += step) values.push(value);
  return values;
}

export const everyHour = range(0, 23);
export const everyDay = range(1, 31);
export const everyMonth = range(1, 12);
export const everyWeekday = range(0, 6);

export function sorted(values: readonly number[]): number[] {
  // Most fields are written in order.
  if (values.every((value, at) => at === 0 || value > (values[at - 1] ?? value))) return [...values];
  return [...new Set(values)].sort((a, b) => a - b);
}

export function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}

const longestMonths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Days of a month in the longest year: 29 for February. */
export function daysInMonth(month: number): number {
  return longestMonths[month - 1] ?? 31;
}

/** The note on dates that don't exist in some months or years. */
export function noteOnShortMonths({ days, months, weekdays }: CronFields): string | undefined {
  if (days.length === 31 || weekdays.length < 7) return undefined;
  const longest = (month: number) => (month === 2 ? 28 : daysInMonth(month));
  const missing = days.filter((day) => months.some((month) => day > longest(month)));
  const [first] = missing;
  if (first === undefined) return undefined;
  if (isSame(months, [2])) return "the 29th in leap years only";
  return missing.length === 1
    ? `skips months without a day ${first}`
    : "skips days that a month doesn't have";
}

/** Maps fields that mean the same times to the same lists. The days are empty if no date is possible. */
export function normalize(fields: CronFields): CronFields {
  const longest = Math.max(...fields.months.map(daysInMonth));
  const days = fields.days.filter((day) => day <= longest);
  const isAnyDate = days.length === longest;
  const isAnyWeekday = fields.weekdays.length === 7;
  const isEveryDay = restrictsDates(fields) && restrictsWeekdays(fields) && (isAnyDate || isAnyWeekday);
  return {
    ...fields,
    days: isAnyDate || isEveryDay ? everyDay : days,
    weekdays: isAnyWeekday || isEveryDay ? everyWeekday : fields.weekdays,
  };
}

export function restrictsDates(fields: CronFields): boolean {
  return fields.days.length < 31;
}

export function restrictsWeekdays(fields: CronFields): boolean {
  return fields.weekdays.length < 7;
}

/** The normal form: five fields, numbers only, equal for schedules with equal normalized fields. */
export function formatCron(fields: CronFields): string {
  const minutes = formatSteps(fields.minutes, { min: 0, max: 59, star: true });
  const hours = formatSteps(fields.hours, { min: 0, max: 23, star: true });
  // Beside a weekday, some crons would read a star with a step as "and", so the bounds are written out.
  const days = formatSteps(fields.days, { min: 1, max: 31, star: !restrictsWeekdays(fields) });
  const months = fields.months.length === 12 ? "*" : formatRuns(fields.months);
  const weekdays = fields.weekdays.length === 7 ? "*" : formatRuns(fields.weekdays);
  return `${minutes} ${hours} ${days} ${months} ${weekdays}`;
}

/** `star`: permits a step of the whole field. */
function formatSteps(
  values: readonly number[],
  { min, max, star }: { min: number; max: number; star: boolean },
): string {
  const size = max - min + 1;
  if (values.length === size) return "*";
  const step = commonStep(values);
  const first = values.at(0);
  const last = values.at(-1);
  if (step === undefined || step < 2 || first === undefined || last === undefined) return formatRuns(values);
  const isWhole = first === min && last + step > max;
  if (star && isWhole && (size % step === 0 || values.length > 3)) return `*/${step}`;
  return values.length > 4 ? `${first}-${last}/${step}` : formatRuns(values);
}

export function commonStep(values: readonly number[]): number | undefined {
  const [first, second] = values;
  if (first === undefined || second === undefined) return undefined;
  const step = second - first;
  return values.every((value, index) => value === first + index * step) ? step : undefined;
}

export function runsOf(values: readonly number[]): [number, number][] {
  const runs: [number, number][] = [];
  for (const value of values) {
    const run = runs.at(-1);
    if (run !== undefined && run[1] + 1 === value) run[1] = value;
    else runs.push([value, value]);
  }
  return runs;
}

function formatRuns(values: readonly number[]): string {
  return runsOf(values)
    .map(([first, last]) => (last - first >= 2 ? `${first}-${last}` : range(first, last).join(",")))
    .join(",");
}

/** Why no cron expression fits: `minutes` differ by hour, `some` times cross midnight, or the `dates` do. */
export type ShiftProblem = "minutes" | "some" | "dates";

type Shift = { ok: true; fields: CronFields } | { ok: false; problem: ShiftProblem };

export const minutesOfDay = 1440;

/** The times on a clock `offsetMinutes` behind (UTC for a zone to the east), if a cron expression has exactly those. */
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
  // Mondays in June become Sundays, one of which may be in May.
  if (!isEveryMonth && restrictsWeekdays(fields)) return undefined;
  const dates = shiftDates({ days, months }, dayShift);
  if (dates === undefined || (restrictsWeekdays(fields) && dates.months.length < 12)) return undefined;
  return { ...dates, weekdays };
}

type Dates = Pick<CronFields, "days" | "months">;

/** A common year and a leap year, which stand for all years, because the years beside them start and end alike. */
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

/** The date without its year, so that 31 December before the year counts as the one after. */
function dayOfYear(date: Date): string {
  return date.toISOString().slice(5, 10);
}
