import { nearMisses } from "../errors/near-misses.js";
import { createRefusal, quote, type ScheduleRefusal } from "./refusal.js";
import { machineZone } from "./zone-setting.js";

const minuteMs = 60_000;
const dayMs = 1440 * minuteMs;

export interface TimeZone {
  name: string;
  /** Local time minus UTC, in minutes: 120 in Berlin's summer. */
  offsetMinutesAt(instant: Date): number;
}

export type TimeZoneReading = { ok: true; timeZone: TimeZone } | ScheduleRefusal;

const opened = new Map<string, TimeZone>();

/** Reads a zone's name, `UTC`, or `local` for the machine's own; refuses `local` if the machine's isn't a zone. */
export function readTimeZone(text: string): TimeZoneReading {
  const known = opened.get(text);
  if (known !== undefined) return { ok: true, timeZone: known };
  const trimmed = text.trim();
  const reading = (trimmed === "local" ? refuseSetting() : undefined) ?? openTimeZone(trimmed);
  if (reading.ok && trimmed !== "local") opened.set(text, reading.timeZone);
  return reading;
}

/** Refuses a `TZ` that the runtime treats as UTC because it doesn't know it. */
function refuseSetting(): ScheduleRefusal | undefined {
  const { setting } = machineZone;
  if (setting === undefined || setting === "UTC" || systemTimeZone().name !== "UTC") return undefined;
  const name = setting.replace(/^:/, "");
  if (openClock(name) !== undefined) return undefined;
  const near = nearZones(name);
  return createRefusal(
    `local uses TZ, but ${quote(setting)} isn't a time zone`,
    near.length > 0 ? near.join(", ") : "name it, such as --tz Europe/Berlin",
  );
}

/** UTC, without Intl, which is slow on first use. */
const utc: TimeZone = { name: "UTC", offsetMinutesAt: () => 0 };

export function systemTimeZone(): TimeZone {
  const reading = openTimeZone("local");
  return reading.ok ? reading.timeZone : utc;
}

function openTimeZone(text: string): TimeZoneReading {
  if (/^(?:utc|etc\/utc|z)$/i.test(text)) return { ok: true, timeZone: utc };
  // Despite the types, this is undefined if Intl doesn't know the machine's time zone.
  const name: string | undefined =
    text === "local" ? new Intl.DateTimeFormat().resolvedOptions().timeZone : text;
  if (name === undefined) return { ok: true, timeZone: namelessLocalZone() };
  // Refuses offsets explicitly, because newer runtimes accept them although they have no daylight saving.
  const clock = /^[a-z]/i.test(name) ? openClock(name) : undefined;
  if (clock === undefined) return createRefusal(`${quote(text)} isn't a time zone`, suggestZones(text));
  const resolved = clock.resolvedOptions().timeZone;
  const isSameName = resolved.toLowerCase() === name.toLowerCase();
  const offsetMinutesAt = (instant: Date) => parseOffset(clock.format(instant));
  return { ok: true, timeZone: { name: isSameName ? resolved : name, offsetMinutesAt } };
}

function namelessLocalZone(): TimeZone {
  const offsetMinutesAt = (instant: Date) => -instant.getTimezoneOffset();
  const offset = offsetMinutesAt(new Date());
  return { name: offset === 0 ? "UTC" : `UTC${formatOffset(offset)}`, offsetMinutesAt };
}

function openClock(name: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: "longOffset" });
  } catch {
    return undefined;
  }
}

/** Reads the end of `3/29/2026, GMT+02:00`; offsets before 1972 may have seconds. */
function parseOffset(text: string): number {
  const [, sign, hours, minutes, seconds = "0"] = /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(text) ?? [];
  const minutesEast = Number(hours ?? 0) * 60 + Number(minutes ?? 0) + Number(seconds) / 60;
  return sign === "-" ? -minutesEast : minutesEast;
}

function nearZones(text: string): string[] {
  return nearMisses(text.replace(/\s+/g, "_"), Intl.supportedValuesOf("timeZone"));
}

function suggestZones(text: string): string {
  const near = nearZones(text);
  return near.length > 0 ? near.join(", ") : "a name such as Europe/Berlin, UTC, or local";
}

/**
 * Instants at which the clocks in a zone show a local time (written as if it were UTC), earliest first: none in a gap,
 * two if the clocks are set back.
 */
export function instantsAt(timeZone: TimeZone, local: Date): Date[] {
  const offsets = [-1, 1].map((day) => timeZone.offsetMinutesAt(new Date(local.getTime() + day * dayMs)));
  return [...new Set(offsets)]
    .map((offset) => ({ offset, instant: new Date(local.getTime() - offset * minuteMs) }))
    .filter(({ offset, instant }) => timeZone.offsetMinutesAt(instant) === offset)
    .map(({ instant }) => instant)
    .sort((a, b) => a.getTime() - b.getTime());
}

/** The local time at an instant, as if it were UTC. */
export function localTime(timeZone: TimeZone, instant: Date): Date {
  return new Date(instant.getTime() + timeZone.offsetMinutesAt(instant) * minuteMs);
}

/** `2026-07-06T09:00:00-04:00`. */
export function formatInZone(instant: Date, timeZone: TimeZone): string {
  const local = localTime(timeZone, instant).toISOString().slice(0, 19);
  return `${local}${formatOffset(timeZone.offsetMinutesAt(instant))}`;
}

/** `+05:30`. */
export function formatOffset(offsetMinutes: number): string {
  const size = Math.round(Math.abs(offsetMinutes));
  const parts = [Math.floor(size / 60), size % 60].map((part) => String(part).padStart(2, "0"));
  return `${offsetMinutes < 0 ? "-" : "+"}${parts.join(":")}`;
}

const searchStepMs = 14 * dayMs;

/** The next instant after `from` at which a zone's offset changes, to the second; undefined if none comes before `until`. */
export function nextOffsetChange(timeZone: TimeZone, from: Date, until: Date): Date | undefined {
  const offset = timeZone.offsetMinutesAt(from);
  const hasChanged = (timeMs: number) => timeZone.offsetMinutesAt(new Date(timeMs)) !== offset;
  let beforeMs = from.getTime();
  while (beforeMs < until.getTime()) {
    let afterMs = beforeMs + searchStepMs;
    if (!hasChanged(afterMs)) {
      beforeMs = afterMs;
      continue;
    }
    while (afterMs - beforeMs > 1) {
      const middleMs = Math.floor((beforeMs + afterMs) / 2);
      if (hasChanged(middleMs)) afterMs = middleMs;
      else beforeMs = middleMs;
    }
    return new Date(afterMs);
  }
  return undefined;
}
