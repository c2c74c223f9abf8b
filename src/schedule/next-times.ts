/** The times that a cron in UTC fires at: the next `count` of them, strictly after `from`, soonest first. */
export type NextTimes = (cron: string, from: Date, count: number) => Date[];

let loaded: NextTimes | undefined;

/**
 * Loads the library once and gives back the function, for whoever asks often or can't wait in between. Fewer times
 * than asked come back only where the calendar ends. Throws on a cron that readSchedule() would refuse.
 */
export async function loadNextTimes(): Promise<NextTimes> {
  if (loaded !== undefined) return loaded;
  const { Cron } = await import("croner");
  // A fixed offset instead of the zone "UTC": the same times, without a first use of Intl.
  loaded = (cron, from, count) => new Cron(cron, { mode: "5-part", utcOffset: 0 }).nextRuns(count, from);
  return loaded;
}

/** Once, for a single question. */
export async function nextTimes(cron: string, from: Date, count: number): Promise<Date[]> {
  return (await loadNextTimes())(cron, from, count);
}
