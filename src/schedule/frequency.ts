import { memoize, readCron } from "./cron.js";
import { type CronFields, daysInMonth, restrictsDates, restrictsWeekdays } from "./fields.js";
import { readSchedule } from "./read.js";

const dayMinutes = 24 * 60;
const nearMinutes = 5;

/** The runs on an average day, to four digits; undefined for an unreadable schedule. */
export const runsADay: (schedule: string) => number | undefined = memoize((schedule) => {
  const fields = fieldsOf(schedule);
  if (fields === undefined) return undefined;
  const runs = (fields.minutes.length * fields.hours.length * daysAYear(fields)) / 365.25;
  return Number(runs.toPrecision(4));
});

/** Its runs on an average day; 0 if it isn't enabled, or only the platform can read its schedule. */
export function runsADayOf({ enabled, schedule }: Scheduled = {}): number {
  return (enabled === true && runsADay(schedule ?? "")) || 0;
}

/** An automation's schedule before and after a change; undefined if it doesn't exist. */
export type Move = readonly [before: Scheduled | undefined, after: Scheduled | undefined];

interface Scheduled {
  enabled?: boolean | null;
  schedule?: string | null;
}

/** `runs a day: 23 → 1,463`, across all changes; empty if that changes by less than a tenth, or by less than 1. */
export function moveParts(moves: readonly Move[], isInWords: boolean): string[] {
  const total = (at: 0 | 1) => moves.reduce((sum, move) => sum + runsADayOf(move[at]), 0);
  const [before, after] = [total(0), total(1)];
  const isSmall = Math.abs(after - before) < before / 10 || Math.max(before, after) < 1;
  if (isSmall || before === after) return [];
  return [`runs a day: ${[before, after].map(formatRunsADay).join(isInWords ? " to " : " → ")}`];
}

/** `1,440 runs a day, 1 minute apart`, for a schedule with runs less than five minutes apart. */
export function frequentText(schedule: string): string | undefined {
  const fields = fieldsOf(schedule);
  const minutes = fields && smallestGapMinutes(fields);
  if (minutes === undefined || minutes >= nearMinutes) return undefined;
  return `${runsADayText(runsADay(schedule) ?? 0)}, ${minutes} ${minutes === 1 ? "minute" : "minutes"} apart`;
}

/** `26 runs a day`, `less than 1 run a day`. */
export function runsADayText(runs: number): string {
  return `${formatRunsADay(runs)} ${runs <= 1 && runs > 0 ? "run" : "runs"} a day`;
}

/** `26`, `1,440`, `2.5`, `less than 1`, `0`. */
export function formatRunsADay(runs: number): string {
  if (runs > 0 && runs < 1) return "less than 1";
  return runs >= 10 ? Math.round(runs).toLocaleString("en-US") : String(Number(runs.toPrecision(2)));
}

function fieldsOf(schedule: string): CronFields | undefined {
  const reading = readSchedule(schedule);
  const cron = reading.ok ? readCron(reading.cron) : undefined;
  return cron?.ok ? cron.fields : undefined;
}

/** Days in an average year, in which a date falls on each weekday equally often. */
function daysAYear(fields: CronFields): number {
  const weekdays = fields.weekdays.length / 7;
  const isEither = restrictsDates(fields) && restrictsWeekdays(fields);
  return fields.months.reduce((sum, month) => {
    const all = month === 2 ? 28.25 : daysInMonth(month);
    const dates = fields.days.reduce((count, day) => count + Math.min(1, Math.max(0, all - day + 1)), 0);
    return sum + (isEither ? dates + (all - dates) * weekdays : dates * weekdays);
  }, 0);
}

function smallestGapMinutes({ minutes, hours, days, weekdays }: CronFields): number {
  const clocks = hours.flatMap((hour) => minutes.map((minute) => 60 * hour + minute));
  const gaps = clocks.slice(1).map((clock, at) => clock - (clocks[at] ?? 0));
  const isNextDay =
    weekdays.some((day) => weekdays.includes((day + 1) % 7)) &&
    days.some((day) => days.includes(day + 1) || (day >= 28 && days.includes(1)));
  const overnight = dayMinutes + (clocks[0] ?? 0) - (clocks.at(-1) ?? 0);
  return Math.min(...gaps, isNextDay ? overnight : dayMinutes);
}
