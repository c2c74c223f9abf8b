import { readCron } from "./cron.js";
import {
  type CronFields,
  everyDay,
  everyHour,
  everyMonth,
  everyWeekday,
  formatCron,
  runsOf,
} from "./fields.js";
import { describeDays, describeEither, describeTimes, limitDays, type TimePhrase } from "./phrases.js";
import { readSchedule } from "./read.js";
import { enumerated } from "./refusal.js";
import { formatClock } from "./words/time-window.js";

export type DescribeCron = (cron: string) => string;

/**
 * Describes a schedule from the server; returns an unreadable one unchanged. Our own words read back as the same cron
 * expression; the library is loaded only if they aren't enough.
 */
export async function describeSchedule(text: string | null | undefined): Promise<string> {
  if (text === undefined || text === null) return "–";
  const reading = readSchedule(text);
  if (!reading.ok) return text;
  return describePlainly(reading.cron) ?? (await loadDescribeCron())(reading.cron);
}

export async function loadDescribeCron(): Promise<DescribeCron> {
  const library = await loadLibrary();
  return (cron) => describePlainly(cron) ?? describeFully(cron, library);
}

/** Loads the library's own sentences, as a second opinion on ours. */
export async function loadLibrary(): Promise<DescribeCron> {
  const { default: cronstrue } = await import("cronstrue");
  const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);
  return (cron) => lowerFirst(cronstrue.toString(cron, { use24HourTimeFormat: true }));
}

function describePlainly(cron: string): string | undefined {
  const reading = readCron(cron);
  if (!reading.ok) return cron;
  const times = describeTimes(reading.fields);
  return times && join(times, reading.fields);
}

function join(times: TimePhrase, fields: CronFields): string {
  if (times.kind === "steps") return [times.text, limitDays(fields)].filter((text) => text !== "").join(" ");
  const hasBoth = fields.days.length < 31 && fields.weekdays.length < 7;
  return hasBoth ? `${times.text} ${describeEither(fields)}` : `${describeDays(fields)} ${times.text}`;
}

/**
 * The library describes minutes that our words can't. But it confuses hours with times (the hour 9 becomes "at 09:00"),
 * and joins days with "and" where "or" is meant, so those parts are ours.
 */
function describeFully(cron: string, library: DescribeCron): string {
  const reading = readCron(cron);
  if (!reading.ok) return cron;
  const { fields } = reading;
  const times = formatCron({
    ...fields,
    hours: everyHour,
    days: everyDay,
    months: everyMonth,
    weekdays: everyWeekday,
  });
  const sentence = library(times);
  const rest = fields.hours.length === 24 ? "" : `, ${describeHours(fields)}`;
  const days = limitDays(fields);
  const zone = fields.hours.length === 24 ? "" : " UTC";
  return `${sentence}${rest}${zone}${days === "" ? "" : `, ${days}`}`;
}

/** Describes a window by its first and last time, because the library would end it at 59 minutes past. */
function describeHours({ minutes, hours }: CronFields): string {
  const runs = runsOf(hours);
  const [[first, last] = [0, 0]] = runs;
  if (runs.length > 1) return `in the ${describeHourRuns(runs)}`;
  const window = [first * 60 + (minutes.at(0) ?? 0), last * 60 + (minutes.at(-1) ?? 0)].map(formatClock);
  return `from ${window.join(" until ")}`;
}

function describeHourRuns(runs: readonly [number, number][]): string {
  const hour = (value: number) => String(value).padStart(2, "0");
  const names = runs.map(([first, last]) => (first === last ? hour(first) : `${hour(first)}–${hour(last)}`));
  return `hours ${enumerated(names)}`;
}
