import { formatOffset, readTimeZone } from "../schedule/time-zone.js";
import { dayMs, hourMs, minuteMs, secondMs } from "./duration.js";
import { dash } from "./value-text.js";

const steps: [limitMs: number, unitMs: number, name: string][] = [
  [minuteMs, secondMs, "s"],
  [hourMs, minuteMs, "min"],
  [2 * dayMs, hourMs, "h"],
  [60 * dayMs, dayMs, "d"],
  [730 * dayMs, 30 * dayMs, "mo"],
  [Number.POSITIVE_INFINITY, 365 * dayMs, "y"],
];

/** How far away a time is: `3 h ago`, `in 4 d`, `now` within a second; `–` if the time is invalid. */
export function relative(time: Date | string | null | undefined, now: Date): string {
  const differenceMs = new Date(time ?? Number.NaN).getTime() - now.getTime();
  if (Number.isNaN(differenceMs)) return dash;
  const distanceMs = Math.abs(differenceMs);
  if (distanceMs < secondMs) return "now";
  const [, unitMs, name] = steps.find(([limitMs]) => distanceMs < limitMs) ?? [0, secondMs, "s"];
  const distance = `${Math.floor(distanceMs / unitMs)} ${name}`;
  return differenceMs < 0 ? `${distance} ago` : `in ${distance}`;
}

/** How long ago a past time was: `3 h ago`. If a clock is slow, a past event is now, never in the future. */
export function ago(time: Date | string | null | undefined, now: Date): string {
  const at = new Date(time ?? Number.NaN);
  return relative(at > now ? now : at, now);
}

/** How far away a time is, in a few columns: `3m`, `2h`, `12d`. */
export function agoBriefly(time: Date | string | null | undefined, now: Date): string {
  return ago(time, now)
    .replace(/ ago$/, "")
    .replace(/ min$/, "m")
    .replace(/(?<=\d) /, "");
}

/** `30 Nov 09:00 +01 · in 5 d`; a dash if there is no time. */
export function formatLocalTime(
  time: string | null | undefined,
  now: Date,
  between = " · ",
  distance = relative,
): string {
  if (!time) return dash;
  const at = new Date(time);
  return `${formatLocalDay(at, now)}${between}${distance(at, now)}`;
}

/** `30 Nov 09:00 +01`, in local time; includes the year if it isn't that of `now`. */
export function formatLocalDay(at: Date, now: Date): string {
  const [, day, month, year, clock, offset] = formatLocal(at).split(" ");
  const date = at.getFullYear() === now.getFullYear() ? `${day} ${month}` : `${day} ${month} ${year}`;
  return `${date} ${clock} ${offset?.replace(":00", "")}`;
}

/** `04:09:41`, in local time. */
export function formatLocalClock(at: Date): string {
  return at.toTimeString().slice(0, 8);
}

/** `Mon 1 Dec 2025 09:00 +01:00`, or with `UTC`; by default in the machine's zone. Throws RangeError if unknown. */
export function formatLocal(at: Date, timeZone?: string): string {
  const offsetMinutes = timeZone === undefined ? -at.getTimezoneOffset() : zoneOffsetMinutes(at, timeZone);
  return `${formatClock(at, offsetMinutes)} ${offsetMinutes === 0 ? "UTC" : formatOffset(offsetMinutes)}`;
}

/** `10:41` if it is on the same day as `now`, otherwise what `formatLocalDay` returns. */
export function formatLocalBriefly(at: Date, now: Date): string {
  if (at.toDateString() !== now.toDateString()) return formatLocalDay(at, now);
  return `${twoDigits(at.getHours())}:${twoDigits(at.getMinutes())}`;
}

const timeInText = /(?<=^[^"]*)\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)/g;

/** A reason ready for display: the RFC 3339 times in it become local times; quoted text is unchanged. */
export function withLocalTimes(reason: string, now = new Date()): string {
  return reason.replace(timeInText, (time) => {
    const at = new Date(time);
    return Number.isNaN(at.getTime()) ? time : formatLocalBriefly(at, now);
  });
}

/** `Mon 1 Dec 2025 08:00 UTC`. */
export function formatUtc(at: Date): string {
  return `${formatClock(at, 0)} UTC`;
}

/** `2025-12-01T08:00:00Z`, the form used in pipes and JSON. */
export function formatRfc3339(at: Date | number): string {
  return new Date(at).toISOString().replace(".000Z", "Z");
}

const weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function formatClock(at: Date, offsetMinutes: number): string {
  const shifted = new Date(at.getTime() + offsetMinutes * minuteMs);
  const clock = `${twoDigits(shifted.getUTCHours())}:${twoDigits(shifted.getUTCMinutes())}`;
  const date = `${shifted.getUTCDate()} ${months[shifted.getUTCMonth()]} ${shifted.getUTCFullYear()}`;
  return `${weekdays[shifted.getUTCDay()]} ${date} ${clock}`;
}

function zoneOffsetMinutes(at: Date, name: string): number {
  const reading = readTimeZone(name);
  if (!reading.ok) throw new RangeError(reading.reason);
  return reading.timeZone.offsetMinutesAt(at);
}

function twoDigits(number: number): string {
  return String(number).padStart(2, "0");
}
