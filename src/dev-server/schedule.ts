import { cronTimes } from "../schedule/cron-times.js";

/** The first time that a cron in UTC comes due after a time; both in ms, null if it never does again. */
export function nextDue(cron: string, after: number): number | null {
  return cronTimes(cron)?.after(after) ?? null;
}
