import { readCron } from "./cron.js";
import { nextTimes } from "./cron-times.js";
import { formatCron } from "./fields.js";
import { isUnmoved } from "./local-times.js";
import { createRefusal, type ScheduleRefusal } from "./refusal.js";
import { minutesOfDay, type ShiftProblem, shiftBack } from "./shift.js";
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
  /** A cron that is right as long as the zone's offset is the one below. */
  cron: string;
  timeZone: string;
  /** Local time minus UTC at the next time. */
  offsetMinutes: number;
  /** The change of offset that first moves the schedule to another local time, if one does. */
  offsetChangesAt?: Date;
  nextAfterChange?: Date;
}

/**
 * Turns a schedule in a zone into UTC, with the offset of its own next time. Refuses where no single cron has exactly
 * the shifted times. Never throws on a readable cron.
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

/** Tries: more than the minutes of a day, which a zone has left out as a whole. */
const longestGap = 2000;

/** The next time by a zone's clocks. A gap is passed over; of a doubled hour the later one counts. */
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

function refuseShift(problem: ShiftProblem, timeZone: TimeZone, offsetMinutes: number): ScheduleRefusal {
  const zone = `${timeZone.name} (UTC${formatOffset(offsetMinutes)})`;
  if (problem === "minutes") {
    return createRefusal(
      `in ${zone} this can't be one UTC cron: hours there don't begin with hours of UTC, so the first and the last would differ`,
      "steps of whole hours, or steps all day",
    );
  }
  // Times of the zone's day that are of the same day in UTC.
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
