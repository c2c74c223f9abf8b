import { formatOffset, readTimeZone } from "../schedule/time-zone.js";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const unitsMs: Record<string, number> = {
  ms: 1,
  s: second,
  m: minute,
  min: minute,
  h: hour,
  d: day,
  w: 7 * day,
};
const steps: [limitMs: number, unitMs: number, name: string][] = [
  [minute, second, "s"],
  [hour, minute, "min"],
  [2 * day, hour, "h"],
  [60 * day, day, "d"],
  [730 * day, 30 * day, "mo"],
  [Number.POSITIVE_INFINITY, 365 * day, "y"],
];

/** How long ago or until: `3 h ago`, `in 4 d`, `now` within a second; `–` for what isn't a time. */
export function relative(at: Date, now: Date): string {
  const differenceMs = at.getTime() - now.getTime();
  if (Number.isNaN(differenceMs)) return "–";
  const distanceMs = Math.abs(differenceMs);
  if (distanceMs < second) return "now";
  const [, unitMs, name] = steps.find(([limitMs]) => distanceMs < limitMs) ?? [0, second, "s"];
  const distance = `${Math.floor(distanceMs / unitMs)} ${name}`;
  return differenceMs < 0 ? `${distance} ago` : `in ${distance}`;
}

/** The time of day in UTC: `03:09:41Z`. */
export function formatUtcClock(at: Date): string {
  return `${at.toISOString().slice(11, 19)}Z`;
}

/** A length of time in its two largest units: `350 ms`, `42 s`, `3 min 5 s`, `2 h 10 min`, `3 d 4 h`. */
export function formatDuration(ms: number): string {
  if (Math.round(ms) < second) return `${Math.round(ms)} ms`;
  const seconds = Math.floor(Math.round(ms) / second);
  if (ms < minute) return `${seconds} s`;
  if (ms < hour) return joinUnits(Math.floor(seconds / 60), "min", seconds % 60, "s");
  const minutes = Math.floor(ms / minute);
  if (ms < day) return joinUnits(Math.floor(minutes / 60), "h", minutes % 60, "min");
  const hours = Math.floor(ms / hour);
  return joinUnits(Math.floor(hours / 24), "d", hours % 24, "h");
}

/** Milliseconds of `90s`, `15m`, `24h`, `7d`, `500ms`, `1h30m`, `0`; undefined for what isn't a duration or is longer than ten years. */
export function parseDuration(text: string): number | undefined {
  if (text === "0") return 0;
  if (!/^(?:\d+(?:\.\d+)?(?:ms|min|s|m|h|d|w))+$/.test(text)) return undefined;
  let totalMs = 0;
  let lastUnitMs = Number.POSITIVE_INFINITY;
  for (const [, amount = "", unit = ""] of text.matchAll(/(\d+(?:\.\d+)?)(ms|min|s|m|h|d|w)/g)) {
    const unitMs = unitsMs[unit] ?? 0;
    if (unitMs >= lastUnitMs) return undefined;
    lastUnitMs = unitMs;
    totalMs += Number(amount) * unitMs;
  }
  return totalMs <= 3650 * day ? Math.round(totalMs) : undefined;
}

/** The moment that `--since` names: so long before `now`, or a time in RFC 3339 or a date (UTC). Undefined for anything else. */
export function parseSince(text: string, now: Date): Date | undefined {
  const durationMs = parseDuration(text);
  if (durationMs !== undefined) return new Date(now.getTime() - durationMs);
  if (!/^\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[Zz]|[+-]\d\d:\d\d))?$/.test(text))
    return undefined;
  const at = new Date(text.replace(" ", "T"));
  return Number.isNaN(at.getTime()) || !isSameDay(text, at) ? undefined : at;
}

/** `Mon 1 Dec 2025 09:00 +01:00`: in the zone of that name, by default the machine's. Throws RangeError for no zone. */
export function formatLocal(at: Date, timeZone?: string): string {
  const offsetMinutes = timeZone === undefined ? -at.getTimezoneOffset() : zoneOffsetMinutes(at, timeZone);
  return `${formatClock(at, offsetMinutes)} ${formatOffset(offsetMinutes)}`;
}

/** `Mon 1 Dec 2025 08:00 UTC`. */
export function formatUtc(at: Date): string {
  return `${formatClock(at, 0)} UTC`;
}

/** `2025-12-01T08:00:00Z`: the form of pipes and JSON. */
export function formatRfc3339(at: Date): string {
  return at.toISOString().replace(".000Z", "Z");
}

const weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function formatClock(at: Date, offsetMinutes: number): string {
  const shifted = new Date(at.getTime() + offsetMinutes * minute);
  const clock = `${twoDigits(shifted.getUTCHours())}:${twoDigits(shifted.getUTCMinutes())}`;
  const date = `${shifted.getUTCDate()} ${months[shifted.getUTCMonth()]} ${shifted.getUTCFullYear()}`;
  return `${weekdays[shifted.getUTCDay()]} ${date} ${clock}`;
}

function zoneOffsetMinutes(at: Date, name: string): number {
  const reading = readTimeZone(name);
  if (!reading.ok) throw new RangeError(reading.reason);
  return reading.timeZone.offsetMinutesAt(at);
}

/** `2025-02-30` is a day that Date moves to March: no time that somebody meant. */
function isSameDay(text: string, at: Date): boolean {
  const days = text.slice(0, 10);
  const midnight = new Date(`${days}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && midnight.toISOString().slice(0, 10) === days;
}

function joinUnits(large: number, largeName: string, small: number, smallName: string): string {
  return small === 0 ? `${large} ${largeName}` : `${large} ${largeName} ${small} ${smallName}`;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, "0");
}
