import { loadNextTimes } from "../schedule/next-times.js";

/** The first time that a cron in UTC comes due after a time; both in ms, null if it never does again. */
export type NextDue = (cron: string, after: number) => number | null;

export async function loadNextDue(): Promise<NextDue> {
  const nextTimes = await loadNextTimes();
  return (cron, after) => nextTimes(cron, new Date(after), 1)[0]?.getTime() ?? null;
}
