import { readCron } from "./cron.js";
import { formatCron } from "./fields.js";
import { shiftBack } from "./shift.js";
import { instantsAt, localTime, type TimeZone } from "./time-zone.js";
import { formatClock } from "./words/time-window.js";

export interface LocalTime {
  at: Date;
  /**
   * `moved`: it comes at another local time than usual; `skipped`: so, because the usual one doesn't exist that day;
   * `twice`: the local clock shows this time twice that day.
   */
  change?: "moved" | "skipped" | "twice";
  /** `10:00 instead of 09:00`. */
  remark?: string;
}

export interface LocalTimesOptions {
  cron: string;
  times: readonly Date[];
  timeZone: TimeZone;
  /** The usual offset: today's, or the one that a schedule was converted with. */
  offsetMinutes: number;
}

/** Marks the times that changes of offset move, skip or double. */
export function markLocalTimes({ cron, times, timeZone, offsetMinutes }: LocalTimesOptions): LocalTime[] {
  return times.map((at) => {
    const offset = timeZone.offsetMinutesAt(at);
    if (offset !== offsetMinutes) {
      return isUnmoved(cron, offset - offsetMinutes) ? { at } : markMoved(at, { timeZone, offsetMinutes });
    }
    const local = localTime(timeZone, at);
    if (instantsAt(timeZone, local).length < 2) return { at };
    return { at, change: "twice", remark: `${clockOf(local)} comes twice that day` };
  });
}

/** True where the times stay the same when all of them are shifted: every 15 minutes by an hour. */
export function isUnmoved(cron: string, shiftMinutes: number): boolean {
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
