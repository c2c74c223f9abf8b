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

const weekdays = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

export interface Clocks {
  now: Date;
  /** In whose local time a text is read that names no zone. */
  timeZone: TimeZone;
}

/** The clocks of this machine. */
export function localClocks(now: Date): Clocks {
  return { now, timeZone: systemTimeZone() };
}

/**
 * The moment that a person names: `2h` (so long ago), `today`, `yesterday` and a weekday (the last one, today included)
 * from 00:00, `09:00` (the last one), a date from 00:00, a date and time, RFC 3339. Undefined for anything else.
 * A time that the clocks show twice is the first of the two, but the last `02:30` is the last that was; one that they
 * skip is the moment of the skip.
 */
export function readMoment(text: string, clocks: Clocks): Date | undefined {
  const { now } = clocks;
  const durationMs = parseDuration(text);
  if (durationMs !== undefined) return new Date(now.getTime() - durationMs);
  const word = text.toLowerCase();
  if (word === "today") return dayStart(0, clocks);
  if (word === "yesterday") return dayStart(-1, clocks);
  if (clockTime.test(text)) return lastClockTime(text, clocks);
  return lastWeekday(word, clocks) ?? readDate(text, clocks.timeZone);
}

/** 00:00 of the day that lies `days` from today's. */
function dayStart(days: number, { now, timeZone }: Clocks): Date {
  const today = Math.floor(localTime(timeZone, now).getTime() / dayMs);
  return firstOf((today + days) * dayMs, timeZone);
}

function lastWeekday(word: string, clocks: Clocks): Date | undefined {
  const days = daysUntil(word, clocks);
  return days === undefined ? undefined : dayStart(days === 0 ? 0 : days - 7, clocks);
}

/** How many days from today on the next such weekday is, 0 for today's, by its name or its beginning from three letters on; undefined for no weekday. */
function daysUntil(word: string, { now, timeZone }: Clocks): number | undefined {
  const wanted = word.length < 3 ? -1 : weekdays.findIndex((name) => name.startsWith(word.toLowerCase()));
  if (wanted < 0) return undefined;
  return (wanted - localTime(timeZone, now).getUTCDay() + 7) % 7;
}

function lastClockTime(text: string, clocks: Clocks): Date | undefined {
  const moments = [-1, 0].flatMap((days) => momentsOn(days, text, clocks));
  return moments.filter((moment) => moment <= clocks.now).at(-1);
}

/** When the clocks show a time of day, such as `9:00`, on the day that lies `days` from today's, soonest first. */
function momentsOn(days: number, text: string, { now, timeZone }: Clocks): Date[] {
  const today = Math.floor(localTime(timeZone, now).getTime() / dayMs);
  return momentsOf((today + days) * dayMs + clockMs(clockTime, text), timeZone);
}

/** A date from 00:00, a date and time, RFC 3339; undefined for anything else. */
function readDate(text: string, timeZone: TimeZone): Date | undefined {
  const groups = (day.exec(text) ?? dayAndClock.exec(text))?.groups;
  const start = Date.parse(`${groups?.date}T00:00:00Z`);
  // 2025-02-30 is a day that Date moves to March: no time that somebody meant.
  if (Number.isNaN(start) || new Date(start).toISOString().slice(0, 10) !== groups?.date) return undefined;
  if (groups.zone !== undefined) return new Date(start + clockMs(dayAndClock, text) - offsetMs(groups.zone));
  return firstOf(groups.hour === undefined ? start : start + clockMs(dayAndClock, text), timeZone);
}

/** How far into the day the clock of a text is. */
function clockMs(form: RegExp, text: string): number {
  const { hour, minute, second = 0 } = form.exec(text)?.groups ?? {};
  return ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000;
}

/** East of Greenwich: `+02:00`, `Z`. */
function offsetMs(zone: string): number {
  if (zone.length === 1) return 0;
  const [hours = 0, minutes = 0] = zone.slice(1).split(":").map(Number);
  return (zone.startsWith("-") ? -1 : 1) * (hours * 60 + minutes) * minuteMs;
}

function firstOf(localMs: number, timeZone: TimeZone): Date {
  const [first = new Date(localMs)] = momentsOf(localMs, timeZone);
  return first;
}

/** When a zone's clocks show a local time, given as if it were UTC: the moment of the skip where they pass it over. */
function momentsOf(localMs: number, timeZone: TimeZone): Date[] {
  const instants = instantsAt(timeZone, new Date(localMs));
  if (instants.length > 0) return instants;
  const skip = nextOffsetChange(timeZone, new Date(localMs - dayMs), new Date(localMs + dayMs));
  return skip === undefined ? [] : [skip];
}
