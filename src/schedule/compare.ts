import { readSchedule } from "./read.js";

/**
 * Whether two schedules fire at the same times, as far as their normal forms show (`every Monday at 9am`,
 * `00 09 * * mon`). Identical texts are equal whatever they mean; else one that can't be read equals nothing.
 */
export function schedulesEqual(a: string, b: string): boolean {
  return compareSchedules(a, b) === true;
}

/** The same; undefined where one of two texts that differ can't be read, so that nobody can tell. */
export function compareSchedules(a: string, b: string): boolean | undefined {
  if (a === b) return true;
  const first = readSchedule(a);
  const second = readSchedule(b);
  return first.ok && second.ok ? first.cron === second.cron : undefined;
}

/** A schedule in the one form that all texts of the same meaning have. */
export function scheduleForm(schedule: string): string {
  const reading = readSchedule(schedule);
  return reading.ok ? reading.cron : schedule;
}
