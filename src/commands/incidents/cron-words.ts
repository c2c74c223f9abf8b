import { minuteMs } from "../../output/duration.js";
import { instantsAt, localTime, type TimeZone } from "../../schedule/time-zone.js";

/**
 * Minute, hour, day and month of a zone's clocks at a time, as a crontab has them; of what they show a second time the first
 * minute after it, since cron runs by the first.
 */
export function cronTime(at: Date, timeZone: TimeZone): string {
  let minute = Math.ceil(at.getTime() / minuteMs) * minuteMs;
  while (isShownAgain(new Date(minute), timeZone)) minute += minuteMs;
  const local = localTime(timeZone, new Date(minute));
  const date = [local.getUTCDate(), local.getUTCMonth() + 1];
  return [local.getUTCMinutes(), local.getUTCHours(), ...date, "*"].join(" ");
}

function isShownAgain(at: Date, timeZone: TimeZone): boolean {
  const [first] = instantsAt(timeZone, localTime(timeZone, at));
  return first !== undefined && first < at;
}

/**
 * A word as sh reads it after cron has: cron takes `%` for a line end, and a backslash before it or before another
 * backslash away.
 */
export function quoteForCron(word: string): string {
  if (/^[\w@+:,./-]+$/.test(word)) return word;
  const quoted = word.replaceAll("'", `'"'"'`).replaceAll("\\", "\\''").replaceAll("%", "\\%");
  return `'${quoted}'`;
}
