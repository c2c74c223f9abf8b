import { readCron } from "./cron.js";
import {
  type CronFields,
  monthNames,
  range,
  restrictsDates,
  restrictsWeekdays,
  runsOf,
  weekdayNames,
} from "./fields.js";
import { cyclicRun, formatPast, isWorkWeek, mondayFirst, wholeStep } from "./phrases.js";
import { readSchedule } from "./read.js";
import { formatClock } from "./words/time-window.js";
import { ordinal } from "./words/tokens.js";

const mostTimes = 6;
const mostMinutes = 4;

/**
 * A schedule in a few columns, in UTC: `Mon 09:00`, `weekdays 18:30`, `every 15m`, `1st,15th 07:30`. Undefined for what
 * can't be read, and for what takes a sentence.
 */
export function briefSchedule(text: string): string | undefined {
  const reading = readSchedule(text);
  const cron = reading.ok ? readCron(reading.cron) : reading;
  if (!cron.ok) return undefined;
  const { fields } = cron;
  const days = briefDays(fields);
  if (days === undefined) return undefined;
  const often = howOften(fields);
  if (often !== undefined) return [often.text, days, often.window].filter((part) => part !== "").join(" ");
  const times = timesOf(fields).map(formatClock);
  if (times.length > mostTimes) return undefined;
  const which = restrictsDates(fields) || restrictsWeekdays(fields) ? days : `daily ${days}`.trim();
  return `${which} ${times.join(", ")}`;
}

/** Steps through a day, `every 15m`, and their hours, `09:00-16:45`; undefined for times of their own. */
function howOften(fields: CronFields): { text: string; window: string } | undefined {
  const { minutes, hours } = fields;
  const minuteStep = wholeStep(minutes, 60);
  const isAllDay = hours.length === 24;
  if (minuteStep !== undefined && isAllDay) return { text: everyMinutes(minuteStep), window: "" };
  const past = minutes.length === 1 && minutes[0] === 0 ? [] : minutes.map(formatPast);
  const hourStep = wholeStep(hours, 24);
  // Two times a day are said both.
  if (hourStep !== undefined && hourStep < 12 && minutes.length <= mostMinutes)
    return { text: [everyHours(hourStep), ...past].join(" "), window: "" };
  const run = cyclicRun(hours);
  const isAnyDay = !restrictsDates(fields) && !restrictsWeekdays(fields) && fields.months.length === 12;
  if (run === undefined || (run.isOvernight && !isAnyDay)) return undefined;
  const first = formatClock(run.first * 60 + (minutes.at(0) ?? 0));
  const last = formatClock(run.last * 60 + (minutes.at(-1) ?? 0));
  const window = `${first}-${last}`;
  if (minuteStep !== undefined && minutes.length > 2 && run.step === 1)
    return { text: everyMinutes(minuteStep), window };
  if (minutes.length === 1 && hours.length > 3) return { text: everyHours(run.step), window };
  return undefined;
}

function everyMinutes(step: number): string {
  return step === 1 ? "every minute" : `every ${step}m`;
}

function everyHours(step: number): string {
  return step === 1 ? "hourly" : `every ${step}h`;
}

function timesOf({ minutes, hours }: CronFields): number[] {
  return hours.flatMap((hour) => minutes.map((minute) => hour * 60 + minute));
}

/** `Mon`, `weekdays`, `1st,15th`, `13th or Fri`, `1 Jan`; nothing for every day; undefined for what takes a sentence. */
function briefDays(fields: CronFields): string | undefined {
  const { months } = fields;
  const isEveryMonth = months.length === 12;
  const inMonths = months.map((month) => shortName(monthNames[month - 1])).join(",");
  if (!restrictsDates(fields)) {
    const weekdays = restrictsWeekdays(fields) ? briefWeekdays(fields.weekdays) : "";
    return isEveryMonth ? weekdays : `${weekdays} in ${inMonths}`.trim();
  }
  const dates = isEveryMonth ? inRuns(fields.days, ordinal) : `${inRuns(fields.days, String)} ${inMonths}`;
  if (!restrictsWeekdays(fields)) return dates;
  return isEveryMonth ? `${dates} or ${briefWeekdays(fields.weekdays)}` : undefined;
}

function briefWeekdays(weekdays: readonly number[]): string {
  if (isWorkWeek(weekdays)) return "weekdays";
  if (weekdays.join() === "0,6") return "weekends";
  const days = mondayFirst(weekdays);
  return inRuns(days, (day) => shortName(weekdayNames[(day + 1) % 7]));
}

function inRuns(values: readonly number[], nameOf: (value: number) => string): string {
  const names = runsOf(values).flatMap(([first, last]) =>
    last - first >= 2 ? [`${nameOf(first)}-${nameOf(last)}`] : range(first, last).map(nameOf),
  );
  return names.join(",");
}

function shortName(name: string | undefined): string {
  return String(name).slice(0, 3);
}
