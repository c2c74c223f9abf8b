import { Cron } from "croner";

export type ScheduleReading = { ok: true; cron: string } | { ok: false; reason: string };

const weekdays = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

/** Reads five cron fields, `every <weekday>|day at <time>` or `every <n> minutes|hours`; all in UTC. */
export function readSchedule(text: string): ScheduleReading {
  const words = text.trim().toLowerCase().split(/\s+/);
  const cron = words[0] === "every" ? readWords(words.join(" ")) : readCron(words);
  if (cron === undefined)
    return { ok: false, reason: "not a cron expression of five fields, nor words that are known" };
  if (nextTime(cron, Date.now()) === null) return { ok: false, reason: "it never comes due" };
  return { ok: true, cron };
}

/** The first due time after a time, in ms; null if there is none. */
export function nextTime(cron: string, after: number): number | null {
  return new Cron(cron, { mode: "5-part", timezone: "UTC" }).nextRun(new Date(after))?.getTime() ?? null;
}

function readCron(fields: string[]): string | undefined {
  const cron = fields.join(" ");
  if (fields.length !== 5 || !/^[\d*/,a-z -]+$/.test(cron)) return undefined;
  try {
    new Cron(cron, { mode: "5-part", timezone: "UTC" });
    return cron;
  } catch {
    return undefined;
  }
}

function readWords(text: string): string | undefined {
  const [, count, unit] = /^every (\d{1,2}) (minute|hour)s?$/.exec(text) ?? [];
  if (count && unit) return readStep(Number(count), unit);
  const [, day = "", hour, minute = "0", half] =
    /^every (\w+) at (\d{1,2})(?::(\d{2}))? ?(am|pm)?$/.exec(text) ?? [];
  const weekday = day === "day" ? "*" : weekdays.indexOf(day);
  if (hour === undefined || weekday === -1) return undefined;
  const time = half === undefined ? Number(hour) : readHalf(Number(hour), half);
  if (time === undefined || time > 23 || Number(minute) > 59) return undefined;
  return `${Number(minute)} ${time} * * ${weekday}`;
}

function readStep(count: number, unit: string): string | undefined {
  if (unit === "minute") return count >= 1 && 60 % count === 0 ? `*/${count} * * * *` : undefined;
  return count >= 1 && 24 % count === 0 ? `0 */${count} * * *` : undefined;
}

function readHalf(hour: number, half: string): number | undefined {
  if (hour < 1 || hour > 12) return undefined;
  return (hour % 12) + (half === "pm" ? 12 : 0);
}
