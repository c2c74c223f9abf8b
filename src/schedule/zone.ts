import { readCron } from "./cron.js";
import { cronTimes, nextTimes } from "./cron-times.js";
import { formatCron, minutesOfDay, monthNames, type ShiftProblem, shiftBack } from "./fields.js";
import { createRefusal, type ScheduleRefusal } from "./refusal.js";
import {
  formatOffset,
  instantsAt,
  localTime,
  nextOffsetChange,
  readTimeZone,
  type TimeZone,
} from "./time-zone.js";
import { formatClock } from "./words/time-window.js";

export interface UtcSchedule {
  ok: true;
  /** A cron expression that is right while the zone has the offset below. */
  cron: string;
  timeZone: string;
  /** Local time minus UTC at the next time. */
  offsetMinutes: number;
  /** The first change of offset, if there is one, that moves the schedule to another local time. */
  offsetChangesAt?: Date;
  nextAfterChange?: Date;
}

/**
 * Converts a schedule in a zone to UTC, with the zone's offset at its next time. Refuses it if no single cron
 * expression has exactly the shifted times. Never throws for a readable cron expression.
 */
export function convertToUtc({
  cron,
  timeZone,
  now,
}: {
  cron: string;
  timeZone: string;
  now: Date;
}): UtcSchedule | ScheduleRefusal {
  const zone = readTimeZone(timeZone);
  if (!zone.ok) return zone;
  const reading = readCron(cron);
  if (!reading.ok) return reading;
  const occurrence = nextOccurrence(cron, zone.timeZone, now);
  if (occurrence === undefined) return createRefusal(`${cron} never runs in ${zone.timeZone.name}`);
  const offsetMinutes = zone.timeZone.offsetMinutesAt(occurrence);
  const shift = shiftBack(reading.fields, offsetMinutes);
  if (!shift.ok) return refuseShift(shift.problem, zone.timeZone, offsetMinutes);
  const schedule = { cron: formatCron(shift.fields), timeZone: zone.timeZone.name, offsetMinutes };
  const change = firstMove(schedule.cron, zone.timeZone, occurrence);
  return { ok: true, ...schedule, ...change };
}

/** Maximum attempts: more than the minutes in a day, which a zone once skipped entirely. */
const longestGap = 2000;

/** The next time, in a zone's local time. Skips a gap; the later of two repeated hours counts. */
function nextOccurrence(cron: string, timeZone: TimeZone, now: Date): Date | undefined {
  let local: Date | undefined = localTime(timeZone, now);
  for (let tries = 0; tries < longestGap; tries += 1) {
    [local] = nextTimes(cron, local, 1);
    if (local === undefined) return undefined;
    const instant = instantsAt(timeZone, local).at(-1);
    if (instant !== undefined && instant > now) return instant;
  }
  return undefined;
}

const searchedYears = 10;

function firstMove(cron: string, timeZone: TimeZone, occurrence: Date): Partial<UtcSchedule> {
  const offsetMinutes = timeZone.offsetMinutesAt(occurrence);
  const until = new Date(occurrence);
  until.setUTCFullYear(until.getUTCFullYear() + searchedYears);
  let change = nextOffsetChange(timeZone, occurrence, until);
  while (change !== undefined) {
    const following = nextOffsetChange(timeZone, change, until);
    const isMoved = !isUnmoved(cron, timeZone.offsetMinutesAt(change) - offsetMinutes);
    const time = isMoved ? nextTimes(cron, new Date(change.getTime() - 1), 1).at(0) : undefined;
    if (time !== undefined && time < (following ?? until)) {
      return { offsetChangesAt: change, nextAfterChange: time };
    }
    change = following;
  }
  return {};
}

export function refuseShift(
  problem: ShiftProblem,
  timeZone: TimeZone,
  offsetMinutes: number,
): ScheduleRefusal {
  const zone = `${timeZone.name} (UTC${formatOffset(offsetMinutes)})`;
  if (problem === "minutes") {
    return createRefusal(
      `in ${zone} this can't be one UTC cron: its hours don't start on UTC hours, so the first and the last would be off`,
      "steps of whole hours, or steps all day",
    );
  }
  // Times of the zone's day that are on the same day in UTC.
  const hint =
    offsetMinutes > 0
      ? `times from ${formatClock(offsetMinutes)} on`
      : `times before ${formatClock(minutesOfDay + offsetMinutes)}`;
  const what = problem === "some" ? "some of the times fall" : "the dates fall";
  const why = problem === "some" ? "and others don't" : "and months differ in length";
  return createRefusal(
    `in ${zone} this can't be one UTC cron: ${what} on another day in UTC ${why}`,
    `${hint} stay on their day`,
  );
}

export interface LocalTime {
  at: Date;
  /**
   * `moved`: at another local time than usual; `skipped`: moved because the usual time doesn't exist that day;
   * `twice`: the local clock shows this time twice that day.
   */
  change?: "moved" | "skipped" | "twice";
  /** `10:00 instead of 09:00`. */
  remark?: string;
}

interface LocalTimesOptions {
  cron: string;
  times: readonly Date[];
  timeZone: TimeZone;
  /** The usual offset: today's, or the one used to convert a schedule. */
  offsetMinutes: number;
}

export function markLocalTimes({ cron, times, timeZone, offsetMinutes }: LocalTimesOptions): LocalTime[] {
  return times.map((at) => {
    const offset = timeZone.offsetMinutesAt(at);
    if (offset !== offsetMinutes) {
      return isUnmoved(cron, offset - offsetMinutes) ? { at } : markMoved(at, { timeZone, offsetMinutes });
    }
    const local = localTime(timeZone, at);
    if (instantsAt(timeZone, local).length < 2) return { at };
    return { at, change: "twice", remark: `${clockOf(local)} occurs twice that day` };
  });
}

/** True if shifting all times doesn't change them: every 15 minutes by an hour. */
function isUnmoved(cron: string, shiftMinutes: number): boolean {
  const reading = readCron(cron);
  if (!reading.ok) return false;
  const shift = shiftBack(reading.fields, shiftMinutes);
  return shift.ok && formatCron(shift.fields) === formatCron(reading.fields);
}

function markMoved(
  at: Date,
  { timeZone, offsetMinutes }: Pick<LocalTimesOptions, "timeZone" | "offsetMinutes">,
): LocalTime {
  const usual = new Date(at.getTime() + offsetMinutes * 60_000);
  const remark = `${clockOf(localTime(timeZone, at))} instead of ${clockOf(usual)}`;
  if (instantsAt(timeZone, usual).length > 0) return { at, change: "moved", remark };
  return { at, change: "skipped", remark: `${remark}, which doesn't exist that day` };
}

export function clockOf(local: Date): string {
  return formatClock(local.getUTCHours() * 60 + local.getUTCMinutes());
}

interface LocalHit {
  clock: string;
  date: string;
}

/** The first time within a year that is missing from its day, and the first that its day has twice. */
export interface ClockHits {
  skipped?: LocalHit;
  doubled?: LocalHit;
}

const minuteMs = 60_000;
const yearMs = 366 * 1440 * minuteMs;

/** Finds the effects of daylight saving on a cron expression in the zone. Never throws. */
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

/** Local times that don't exist, or exist twice; ms as if they were UTC. */
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
  return { clock: clockOf(local), date: dateOf(local) };
}

/** `28 Mar 2027`. */
export function dateOf(local: Date): string {
  const month = (monthNames[local.getUTCMonth()] ?? "").slice(0, 3);
  return `${local.getUTCDate()} ${month} ${local.getUTCFullYear()}`;
}
