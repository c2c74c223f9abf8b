/**
 * Returns the next `count` times of a UTC cron strictly after `from`, soonest first; fewer only where the calendar ends.
 * Throws on a cron that readSchedule() would refuse.
 */
export type NextTimes = (cron: string, from: Date, count: number) => Date[];

let loaded: NextTimes | undefined;

export async function loadNextTimes(): Promise<NextTimes> {
  if (loaded !== undefined) return loaded;
  const { Cron } = await import("croner");
  // A fixed offset instead of the zone "UTC": the same times, without a first use of Intl.
  loaded = (cron, from, count) => new Cron(cron, { mode: "5-part", utcOffset: 0 }).nextRuns(count, from);
  return loaded;
}

export async function nextTimes(cron: string, from: Date, count: number): Promise<Date[]> {
  return (await loadNextTimes())(cron, from, count);
}
