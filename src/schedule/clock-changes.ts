import { cronTimes } from "./cron-times.js";
import { monthNames } from "./fields.js";
import { clockOf, isUnmoved } from "./local-times.js";
import { nextOffsetChange, readTimeZone, type TimeZone } from "./time-zone.js";

interface LocalHit {
  clock: string;
  date: string;
}

/** The first time within a year that a day lacks, and that a day has twice. */
export interface ClockHits {
  skipped?: LocalHit;
  doubled?: LocalHit;
}

const minuteMs = 60_000;
const yearMs = 366 * 1440 * minuteMs;

/** Finds what daylight saving does to a cron that is meant in the zone. Never throws. */
export function clockHits({ cron, zone, now }: { cron: string; zone: string; now: Date }): ClockHits {
  const reading = readTimeZone(zone);
  const times = cronTimes(cron);
  const hits: ClockHits = {};
  if (!reading.ok || times === undefined) return hits;
  for (const { localMs, lengthMinutes, kind } of windowsOf(reading.timeZone, now)) {
    if (hits[kind] !== undefined) continue;
    const [first] = times.between(localMs, localMs + lengthMinutes * minuteMs, 1440).timesMs;
    if (first !== undefined && !isUnmoved(cron, lengthMinutes)) hits[kind] = hitAt(new Date(first));
  }
  return hits;
}

/** Local times that aren't there, or are there twice; ms as if they were UTC. */
interface Window {
  localMs: number;
  lengthMinutes: number;
  kind: keyof ClockHits;
}

const known = new WeakMap<TimeZone, { day: number; windows: Window[] }>();

function windowsOf(timeZone: TimeZone, now: Date): Window[] {
  const day = Math.floor(now.getTime() / (1440 * minuteMs));
  const before = known.get(timeZone);
  if (before?.day === day) return before.windows;
  const windows: Window[] = [];
  const until = new Date(now.getTime() + yearMs);
  for (let change = nextOffsetChange(timeZone, now, until); change !== undefined; ) {
    const from = timeZone.offsetMinutesAt(new Date(change.getTime() - 1));
    const to = timeZone.offsetMinutesAt(change);
    windows.push({
      localMs: change.getTime() + Math.min(from, to) * minuteMs,
      lengthMinutes: Math.abs(to - from),
      kind: to > from ? "skipped" : "doubled",
    });
    change = nextOffsetChange(timeZone, change, until);
  }
  known.set(timeZone, { day, windows });
  return windows;
}

function hitAt(local: Date): LocalHit {
  const month = (monthNames[local.getUTCMonth()] ?? "").slice(0, 3);
  return { clock: clockOf(local), date: `${local.getUTCDate()} ${month} ${local.getUTCFullYear()}` };
}
