import {
  instantsAt,
  localTime,
  nextOffsetChange,
  systemTimeZone,
  type TimeZone,
} from "../schedule/time-zone.js";
import { dayMs, minuteMs, parseDuration } from "./duration.js";

const date = String.raw`(?<date>\d{4}-\d\d-\d\d)`;
const clock = String.raw`(?<hour>[01]?\d|2[0-3]):(?<minute>[0-5]\d)(?::(?<second>[0-5]\d)(?:\.\d+)?)?`;
const zone = String.raw`(?<zone>[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)`;
const day = new RegExp(`^${date}$`);
const clockTime = new RegExp(`^${clock}$`);
const dayAndClock = new RegExp(`^${date}[Tt ]${clock}${zone}?$`);

const nearDays = new Map([
  ["yesterday", -1],
  ["today", 0],
  ["tomorrow", 1],
]);
const weekdays = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

export interface Clocks {
  now: Date;
  /** The zone for texts that name none. */
  timeZone: TimeZone;
}

export function localClocks(now: Date): Clocks {
  return { now, timeZone: systemTimeZone() };
}

/**
 * Reads a moment: `2h` or `2 hours ago`; a day (`today`, the last such weekday, a date) at 00:00 or the time that
 * follows it; `09:00` or `9am`, meaning the last one; RFC 3339. Undefined for any other text. If the clocks show a time
 * twice, the first counts, but the last `02:30` is the latest past one; a skipped time is the moment of the skip.
 */
export function readMoment(typed: string, clocks: Clocks): Date | undefined {
  const { now, timeZone } = clocks;
  const text = inShort(typed);
  const [, isAhead, length = ""] = /^(in )?(.*)$/.exec(text) ?? [];
  const durationMs = parseDuration(length);
  if (durationMs !== undefined) return new Date(now.getTime() + (isAhead ? durationMs : -durationMs));
  if (clockTime.test(text)) {
    const moments = [-1, 0].flatMap((days) => momentsOn(days, text, clocks));
    return moments.filter((moment) => moment <= now).at(-1);
  }
  const [word = "", time] = text.split(" ");
  const days = daysTo(word.toLowerCase(), clocks);
  if (days === undefined) return readDate(text, timeZone);
  if (time === undefined) return momentsOn(days, "00:00", clocks)[0];
  if (!clockTime.test(time)) return undefined;
  const [moment] = momentsOn(days, time, clocks);
  return days === 0 && moment !== undefined && moment > now && word !== "today"
    ? momentsOn(-7, time, clocks)[0]
    : moment;
}

/** Returns `2h` for `2 hours ago`, `tue 09:00` for `tue at 9am`. */
function inShort(text: string): string {
  return text
    .replace(/ ago$/i, "")
    .replace(/(?<=\d) ?(h|m|s|d|w)(?:ours?|rs?|in(?:ute)?s?|ec(?:ond)?s?|ays?|eeks?)?\b ?(?=\d|$)/g, "$1")
    .replace(/ at /i, " ")
    .replace(/\bnoon\b/i, "12:00")
    .replace(/\bmidnight\b/i, "00:00")
    .replace(/\b(0?[1-9]|1[0-2])(:\d\d)? ?([ap])m$/i, (_, hour: string, minutes = ":00", half: string) =>
      [(Number(hour) % 12) + (/p/i.test(half) ? 12 : 0), minutes].join(""),
    );
}

/** Days from today to a day. A weekday, given by three letters or more, is the last one, which may be today. */
function daysTo(word: string, { now, timeZone }: Clocks): number | undefined {
  const near = nearDays.get(word);
  if (near !== undefined) return near;
  const wanted = word.length < 3 ? -1 : weekdays.findIndex((name) => name.startsWith(word));
  if (wanted < 0) return undefined;
  return -((localTime(timeZone, now).getUTCDay() - wanted + 7) % 7);
}

/** The moments at which the clocks show a time of day, `days` from today; earliest first. */
function momentsOn(days: number, text: string, { now, timeZone }: Clocks): Date[] {
  const today = Math.floor(localTime(timeZone, now).getTime() / dayMs);
  return momentsOf((today + days) * dayMs + clockMs(clockTime, text), timeZone);
}

function readDate(text: string, timeZone: TimeZone): Date | undefined {
  const groups = (day.exec(text) ?? dayAndClock.exec(text))?.groups;
  const start = Date.parse(`${groups?.date}T00:00:00Z`);
  // Date turns 2025-02-30 into a day in March, which the user can't have meant.
  if (Number.isNaN(start) || new Date(start).toISOString().slice(0, 10) !== groups?.date) return undefined;
  if (groups.zone !== undefined) return new Date(start + clockMs(dayAndClock, text) - offsetMs(groups.zone));
  const localMs = groups.hour === undefined ? start : start + clockMs(dayAndClock, text);
  return momentsOf(localMs, timeZone)[0] ?? new Date(localMs);
}

/** Milliseconds into the day. */
function clockMs(form: RegExp, text: string): number {
  const { hour, minute, second = 0 } = form.exec(text)?.groups ?? {};
  return ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000;
}

/** Milliseconds east of Greenwich, from `+02:00` or `Z`. */
function offsetMs(zone: string): number {
  if (zone.length === 1) return 0;
  const [hours = 0, minutes = 0] = zone.slice(1).split(":").map(Number);
  return (zone.startsWith("-") ? -1 : 1) * (hours * 60 + minutes) * minuteMs;
}

/** The moments at which clocks in the zone show a local time, written as if it were UTC, or at which they skip it. */
function momentsOf(localMs: number, timeZone: TimeZone): Date[] {
  const instants = instantsAt(timeZone, new Date(localMs));
  if (instants.length > 0) return instants;
  const skip = nextOffsetChange(timeZone, new Date(localMs - dayMs), new Date(localMs + dayMs));
  return skip === undefined ? [] : [skip];
}
