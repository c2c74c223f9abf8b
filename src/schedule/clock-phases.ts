import { readCron } from "./cron.js";
import { cronTimes } from "./cron-times.js";
import { type CronFields, formatCron, minutesOfDay, shiftBack } from "./fields.js";
import type { ScheduleRefusal } from "./refusal.js";
import { localTime, nextOffsetChange, readTimeZone } from "./time-zone.js";
import { convertToUtc, dateOf, refuseShift, type UtcSchedule } from "./zone.js";

export interface YearOfUtc {
  ok: true;
  /** The cron expression for the current offset or, if that has none, for the next offset that has one. */
  cron: string;
  offsetMinutes: number;
  /** The first cron expression for another offset. */
  otherCron?: string;
  /** Set if at some offset no single cron expression has all of the times. */
  unfit?: { isNow: boolean; text: string };
}

interface Phase {
  date: string;
  offsetMinutes: number;
  utc: { ok: true; cron: string } | ScheduleRefusal;
}

interface Zoned {
  cron: string;
  timeZone: string;
  now: Date;
  /** May refuse cron expressions in UTC for other reasons. */
  refuse?(cron: string): ScheduleRefusal | undefined;
}

/** Converts a schedule in a zone to UTC at every offset of the coming year at which it runs, or refuses it. */
export function convertForYear(given: Zoned): YearOfUtc | ScheduleRefusal {
  const usual = refused(convertToUtc(given), given);
  const phases = phasesOf(given, usual);
  const fitting = phases.find(({ utc }) => utc.ok);
  if (!fitting?.utc.ok) return usual;
  const { cron } = fitting.utc;
  const other = phases.find(({ utc }) => utc.ok && utc.cron !== cron)?.utc;
  const { offsetMinutes } = fitting;
  const result = { ok: true, cron, offsetMinutes, otherCron: other?.ok ? other.cron : undefined } as const;
  const unfit = phases.find(({ utc }) => !utc.ok);
  if (unfit === undefined || unfit.utc.ok) return result;
  const isNow = unfit === phases[0];
  const when = isNow ? `until ${fitting.date}` : `from ${unfit.date}`;
  const why = unfit.utc.reason.replace(/^(?:in .*? this )?(?=can't )/, "this ");
  return { ...result, unfit: { isNow, text: `${when} ${why}; ${wayOut(given, phases)}` } };
}

function refused<T extends UtcSchedule | Phase["utc"]>(utc: T, { refuse }: Zoned): T | ScheduleRefusal {
  return (utc.ok && refuse?.(utc.cron)) || utc;
}

/** The current offset, then each offset in the coming year at which the schedule runs. */
function phasesOf(given: Zoned, usual: UtcSchedule | ScheduleRefusal): Phase[] {
  const { cron, timeZone: name, now } = given;
  const [zone, reading] = [readTimeZone(name), readCron(cron)];
  if (!zone.ok || !reading.ok) return [];
  const { timeZone } = zone;
  const until = new Date(now);
  until.setUTCFullYear(until.getUTCFullYear() + 1);
  const starts: Date[] = [];
  for (let at: Date | undefined = now; at !== undefined; at = nextOffsetChange(timeZone, at, until))
    starts.push(at);
  const phases = starts.map((start, index) => {
    const offsetMinutes = timeZone.offsetMinutesAt(start);
    const [from, to] = [start, starts[index + 1] ?? until].map((at) => at.getTime() + offsetMinutes * 60_000);
    const runs = cronTimes(cron)?.between(from ?? 0, to ?? 0, 1).count ?? 0;
    const shift = shiftBack(reading.fields, offsetMinutes);
    const utc: Phase["utc"] = shift.ok
      ? { ok: true, cron: formatCron(shift.fields) }
      : refuseShift(shift.problem, timeZone, offsetMinutes);
    return { date: dateOf(localTime(timeZone, start)), offsetMinutes, utc: refused(utc, given), runs };
  });
  const running = new Set(phases.filter(({ runs }) => runs > 0).map(({ offsetMinutes }) => offsetMinutes));
  return phases.flatMap((phase, index): Phase[] => {
    if (index > 0) return running.has(phase.offsetMinutes) ? [phase] : [];
    if (usual.ok) return [{ ...phase, offsetMinutes: usual.offsetMinutes, utc: usual }];
    // The cron expression for the current offset applies until the clocks change, even if it has no runs before that.
    return [running.has(phase.offsetMinutes) ? phase : { ...phase, utc: usual }];
  });
}

/** The nearest times that are on the same day at every offset, or a zone whose clocks never change. */
function wayOut({ cron, refuse }: Zoned, phases: readonly Phase[]): string {
  const fixed = "a zone with fixed clocks, such as UTC";
  const reading = readCron(cron);
  if (!reading.ok) return fixed;
  const { fields } = reading;
  const clocks = { minutes: [0], hours: [0] };
  const fits = (moved: CronFields) =>
    phases.every(({ offsetMinutes }) => {
      const shift = shiftBack(moved, offsetMinutes);
      return shift.ok && !refuse?.(formatCron(shift.fields));
    });
  for (let moved = 15; moved < minutesOfDay; moved += 15) {
    for (const by of [moved, -moved]) {
      const shift = shiftBack(fields, -by);
      if (!shift.ok || formatCron({ ...shift.fields, ...clocks }) !== formatCron({ ...fields, ...clocks }))
        continue;
      if (fits(shift.fields)) return `"${formatCron(shift.fields)}" is right all year; or use ${fixed}`;
    }
  }
  return `take ${fixed}`;
}
