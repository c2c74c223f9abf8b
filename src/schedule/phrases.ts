import {
  type CronFields,
  commonStep,
  monthNames,
  restrictsDates,
  restrictsWeekdays,
  runsOf,
  weekdayNames,
} from "./fields.js";
import { enumerated } from "./refusal.js";
import { everyCount, formatClock } from "./words/time-window.js";
import { ordinal } from "./words/tokens.js";

/** The times in a day: listed (`at 09:00 UTC`), or in steps (`every 15 minutes`). */
export interface TimePhrase {
  kind: "clock" | "steps";
  text: string;
}

const longestMinuteList = 12;
const longestTimeList = 24;

/** Describes the times of a day in words that readSchedule() reads back unchanged; undefined if there are none. */
export function describeTimes(fields: CronFields): TimePhrase | undefined {
  const { minutes, hours } = fields;
  const steps = stepsOf(fields);
  const times = hours.flatMap((hour) => minutes.map((minute) => hour * 60 + minute)).map(formatClock);
  const isEven = wholeStep(minutes, 60) !== undefined;
  const isStepped = hours.length > 1 || isEven;
  const isLong = times.length > 4 || hours.length === 24 || (isEven && minutes.length > 2);
  // "until 00:00" is read as the end of the day.
  const isReadable = steps !== undefined && steps.window?.[1] !== "00:00";
  if (isReadable && ((isStepped && isLong) || times.length > longestTimeList))
    return { kind: "steps", text: describeSteps(steps) };
  if (times.length > longestTimeList) return undefined;
  return { kind: "clock", text: `at ${enumerated(times)} UTC` };
}

function describeSteps({ unit, count, past, window }: Steps): string {
  const minutes = past.length === 0 ? "" : ` at ${enumerated(past.map(formatPast))}`;
  const hours = window === undefined ? "" : ` from ${window.join(" until ")} UTC`;
  return everyCount(count, unit) + minutes + hours;
}

/** Steps through a whole day, or through a window with a first and a last time. */
interface Steps {
  unit: "minute" | "hour";
  count: number;
  /** Minutes past the hour. */
  past: readonly number[];
  window?: readonly string[];
}

export function stepsOf({ minutes, hours, days, weekdays, months }: CronFields): Steps | undefined {
  const step = wholeStep(minutes, 60);
  if (step !== undefined && hours.length === 24) return { unit: "minute", count: step, past: [] };
  const isListable = minutes.length <= longestMinuteList;
  const whole = wholeStep(hours, 24);
  const past = minutes.join() === "0" ? [] : minutes;
  // If there are only two times a day, both are named rather than described as every 12 hours.
  if (whole !== undefined && whole < 12 && isListable) return { unit: "hour", count: whole, past };
  const run = cyclicRun(hours);
  // If there are days, hours past midnight would belong to another day.
  const isAnyDay = days.length === 31 && weekdays.length === 7 && months.length === 12;
  if (run === undefined || (run.isOvernight && !isAnyDay)) return undefined;
  const [first, last] = [run.first * 60 + (minutes.at(0) ?? 0), run.last * 60 + (minutes.at(-1) ?? 0)];
  const window = [first, last].map(formatClock);
  if (step !== undefined && run.step === 1) return { unit: "minute", count: step, past: [], window };
  if (!isListable || (run.step > 1 && hours.length < 3)) return undefined;
  return { unit: "hour", count: run.step, past: minutes.length === 1 ? [] : minutes, window };
}

/** The step in a list that starts at 0 and divides a whole hour or day evenly. */
function wholeStep(values: readonly number[], size: number): number | undefined {
  if (values.length === size) return 1;
  const step = commonStep(values);
  return step !== undefined && values[0] === 0 && step * values.length === size ? step : undefined;
}

/** Hours in equal steps that divide the day, perhaps past midnight. */
function cyclicRun(
  hours: readonly number[],
): { first: number; last: number; step: number; isOvernight: boolean } | undefined {
  const [only] = hours;
  if (only !== undefined && hours.length === 1)
    return { first: only, last: only, step: 1, isOvernight: false };
  for (const [start, first] of hours.entries()) {
    const turned = [...hours.slice(start), ...hours.slice(0, start).map((hour) => hour + 24)];
    const step = commonStep(turned);
    const last = turned.at(-1);
    if (step === undefined || last === undefined || 24 % step !== 0) continue;
    return { first, last: last % 24, step, isOvernight: last >= 24 };
  }
  return undefined;
}

export function formatPast(minute: number): string {
  return `:${String(minute).padStart(2, "0")}`;
}

/** `every Monday`, `on the 1st of every month`. */
export function describeDays(fields: CronFields): string {
  const months = namedMonths(fields);
  if (!restrictsDates(fields)) {
    const days = restrictsWeekdays(fields) ? everyWeekdayIn(fields.weekdays) : "every day";
    return months === "" ? days : `${days} in ${months}`;
  }
  const dates = dayRuns(fields.days);
  if (restrictsWeekdays(fields)) return describeEither(fields);
  if (months === "") return `on the ${dates} of every month`;
  return fields.months.length === 1 ? `every ${months} ${dates}` : `every year on the ${dates} of ${months}`;
}

export function describeEither(fields: CronFields): string {
  const months = namedMonths(fields);
  const dates = `on the ${dayRuns(fields.days)}`;
  const weekdays = `on ${everyWeekdayIn(fields.weekdays)}`;
  return months === "" ? `${dates} of every month, or ${weekdays}` : `in ${months}, ${dates}, or ${weekdays}`;
}

/** `on weekdays`, after steps; empty for every day. */
export function limitDays(fields: CronFields): string {
  const months = namedMonths(fields);
  if (restrictsDates(fields)) {
    if (restrictsWeekdays(fields)) return describeEither(fields);
    const dates = dayRuns(fields.days);
    if (months === "") return `on the ${dates} of every month`;
    return fields.months.length === 1 ? `on every ${months} ${dates}` : `on the ${dates} of ${months}`;
  }
  const weekdays = restrictsWeekdays(fields) ? `on ${pluralWeekdays(fields.weekdays)}` : "";
  return [weekdays, months === "" ? "" : `in ${months}`].filter((text) => text !== "").join(" ");
}

function namedMonths({ months }: CronFields): string {
  return months.length === 12 ? "" : enumerated(months.map((month) => String(monthNames[month - 1])));
}

function dayRuns(days: readonly number[]): string {
  const runs = runsOf(days).flatMap(([first, last]) => {
    if (last - first >= 2) return [`${ordinal(first)} to ${ordinal(last)}`];
    return first === last ? [ordinal(first)] : [ordinal(first), ordinal(last)];
  });
  return enumerated(runs);
}

export function mondayFirst(weekdays: readonly number[]): number[] {
  return weekdays.map((day) => (day + 6) % 7).sort((a, b) => a - b);
}

function weekdayList(weekdays: readonly number[], plural = ""): string {
  const days = mondayFirst(weekdays);
  const names = days.map((day) => `${weekdayNames[(day + 1) % 7]}${plural}`);
  const isRun = days.length > 2 && commonStep(days) === 1;
  return isRun ? `${names.at(0)} to ${names.at(-1)}` : enumerated(names);
}

export function isWorkWeek(weekdays: readonly number[]): boolean {
  return weekdays.join() === "1,2,3,4,5";
}

/** `every weekday`, `every Monday and Friday`, `every Monday to Saturday`. */
export function everyWeekdayIn(weekdays: readonly number[]): string {
  return isWorkWeek(weekdays) ? "every weekday" : `every ${weekdayList(weekdays)}`;
}

function pluralWeekdays(weekdays: readonly number[]): string {
  if (isWorkWeek(weekdays)) return "weekdays";
  return weekdays.join() === "0,6" ? "weekends" : weekdayList(weekdays, "s");
}
