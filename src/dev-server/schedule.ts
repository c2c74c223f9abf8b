import { cronTimes } from "../schedule/cron-times.js";
import { latestTime } from "./clock.js";

/** The first time that a cron in UTC comes due after a time; both in ms, null if it never does again. */
export function nextDue(cron: string, after: number): number | null {
  const next = cronTimes(cron)?.after(after);
  return next === undefined || next > latestTime ? null : next;
}
