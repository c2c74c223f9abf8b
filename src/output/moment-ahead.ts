import { parseDuration } from "./duration.js";
import { type Clocks, clockTime, daysUntil, momentsOn, readDate } from "./moment.js";

/**
 * The moment to come that a person names: `2h` (from now), `06:00` (the next one), `today`, `tomorrow` or a weekday (the
 * next one), each from 00:00 or with a time behind it (`tomorrow 6:00`), a date from 00:00, a date and time, RFC 3339.
 * Undefined for anything else; what names its day may turn out to lie in the past. Where the clocks change it is as in
 * `readMoment`: of a time that they show twice the first that is still to come.
 */
export function readMomentAhead(text: string, clocks: Clocks): Date | undefined {
  const durationMs = parseDuration(text);
  if (durationMs !== undefined) return new Date(clocks.now.getTime() + durationMs);
  if (clockTime.test(text)) return soonest([0, 1], text, clocks);
  const [, word = "", clock = "00:00"] = /^([a-z]+)(?: +(\S+))?$/i.exec(text) ?? [];
  const days = daysOf(word, clocks);
  if (days !== undefined) return clockTime.test(clock) ? soonest(days, clock, clocks) : undefined;
  return readDate(text, clocks.timeZone);
}

/** Which days a word may mean, counted from today's. */
function daysOf(word: string, clocks: Clocks): number[] | undefined {
  if (/^today$/i.test(word)) return [0];
  if (/^tomorrow$/i.test(word)) return [1];
  const days = daysUntil(word, clocks);
  return days === undefined ? undefined : [days, days + 7];
}

function soonest(days: readonly number[], clock: string, clocks: Clocks): Date | undefined {
  const moments = days.flatMap((day) => momentsOn(day, clock, clocks));
  return moments.find((moment) => moment > clocks.now) ?? moments[0];
}
