import { once } from "../../../operations/lazy-value.js";
import { readCron } from "../../../schedule/cron.js";
import { describeSchedule } from "../../../schedule/describe.js";
import {
  type CronFields,
  monthNames,
  range,
  restrictsDates,
  restrictsWeekdays,
  runsOf,
  weekdayNames,
} from "../../../schedule/fields.js";
import { formatPast, isWorkWeek, mondayFirst, stepsOf } from "../../../schedule/phrases.js";
import { readSchedule } from "../../../schedule/read.js";
import { formatClock } from "../../../schedule/words/time-window.js";
import { ordinal } from "../../../schedule/words/tokens.js";
import type { AutomationRow } from "../shared/automation-columns.js";

type Words = Pick<AutomationRow, "scheduleWords" | "briefSchedule">;

export function describeEach(): (schedules: readonly string[]) => Promise<Map<string, Words>> {
  const words = new Map<string, Words>();
  const describe = async (schedule: string): Promise<Words> => ({
    scheduleWords: await describeSchedule(schedule),
    briefSchedule: once(() => briefSchedule(schedule)),
  });
  return async (schedules) => {
    for (const schedule of schedules) {
      if (!words.has(schedule)) words.set(schedule, await describe(schedule));
    }
    return words;
  };
}

const mostTimes = 6;
const mostMinutes = 4;

/**
 * A schedule in brief, in UTC: `Mon 09:00`, `weekdays 18:30`, `every 15m`, `1st,15th 07:30`. Undefined if it is
 * unreadable or needs a whole sentence.
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
  const times = fields.hours.flatMap((hour) => fields.minutes.map((minute) => hour * 60 + minute));
  if (times.length > mostTimes) return undefined;
  const which = restrictsDates(fields) || restrictsWeekdays(fields) ? days : `daily ${days}`.trim();
  return `${which} ${times.map(formatClock).join(", ")}`;
}

/** Regular steps through a day, `every 15m`, and the hours they cover, `09:00-16:45`; undefined for irregular times. */
function howOften(fields: CronFields): { text: string; window: string } | undefined {
  const { minutes, hours } = fields;
  const { unit, count, past = [], window } = stepsOf(fields) ?? {};
  const isLong = unit === "minute" ? minutes.length > 2 : minutes.length === 1 && hours.length > 3;
  const isBrief = window === undefined ? past.length <= mostMinutes : isLong;
  if (unit === undefined || !isBrief) return undefined;
  const once = unit === "minute" ? "every minute" : "hourly";
  const often = count === 1 ? once : `every ${count}${unit.charAt(0)}`;
  return { text: [often, ...past.map(formatPast)].join(" "), window: window?.join("-") ?? "" };
}

/** `Mon`, `weekdays`, `1st,15th`, `13th or Fri`, `1 Jan`; empty for every day, undefined if it needs a sentence. */
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
