import { readSchedule } from "./read.js";

/**
 * True for schedules that are due at the same times (`every Monday at 9am`, `00 09 * * mon`). An unreadable schedule
 * equals only an identical text.
 */
export function schedulesEqual(a: string, b: string): boolean {
  return compareSchedules(a, b) === true;
}

/** The same comparison; undefined if the texts differ and one of them is unreadable. */
export function compareSchedules(a: string, b: string): boolean | undefined {
  if (a === b) return true;
  const first = readSchedule(a);
  const second = readSchedule(b);
  return first.ok && second.ok ? first.cron === second.cron : undefined;
}

export function scheduleForm(schedule: string): string {
  const reading = readSchedule(schedule);
  return reading.ok ? reading.cron : schedule;
}
