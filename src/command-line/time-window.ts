import { UsageError } from "../errors.js";

/** The value of a flag that takes a time, as it was typed: what it means depends on when it is read. */
export interface GivenTime {
  flag: string;
  text: string;
}

/** From `since` on until before `until`; an end that isn't set is open. */
export interface TimeWindow {
  since: Date | undefined;
  until: Date | undefined;
}

/** What two flags say together, at a moment. Throws UsageError for a text that is no time, and a window without a moment in it. */
export async function readWindow(
  { since, until }: { since: GivenTime | undefined; until: GivenTime | undefined },
  now: Date,
): Promise<TimeWindow> {
  const window = { since: await momentOf(since, now), until: await momentOf(until, now) };
  const { since: from, until: to } = window;
  if (since !== undefined && from !== undefined && from > now)
    throw new UsageError(`${since.flag} is in the future: ${since.text}`);
  if (from !== undefined && to !== undefined && from > to)
    throw new UsageError(`${since?.flag} ${since?.text} is after ${until?.flag} ${until?.text}`);
  return window;
}

async function momentOf(given: GivenTime | undefined, now: Date): Promise<Date | undefined> {
  if (given === undefined) return undefined;
  const { localClocks, readMoment } = await import("../output/moment.js");
  const { flag, text } = given;
  const moment = readMoment(text, localClocks(now));
  if (moment !== undefined) return moment;
  throw new UsageError(
    `${flag} must be a time such as 2h, yesterday, 09:00, mon or 2026-03-02, not "${text}"`,
  );
}
