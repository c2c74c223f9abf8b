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

/** A time to come, to the whole minute. Throws UsageError for a text that is no time, and for a time that has passed. */
export async function readTimeAhead({ flag, text }: GivenTime, now: Date): Promise<Date> {
  const [{ localClocks }, { readMomentAhead }, { minuteMs }] = await Promise.all([
    import("../output/moment.js"),
    import("../output/moment-ahead.js"),
    import("../output/duration.js"),
  ]);
  const moment = readMomentAhead(text, localClocks(now));
  if (moment === undefined) {
    throw new UsageError(
      `${flag} must be a time to come such as 2h, 06:00, tomorrow 6:00, mon or 2026-03-02, not "${text}"`,
    );
  }
  if (moment <= now) throw new UsageError(`${flag} must be a time to come, and ${text} has passed`);
  return new Date(Math.ceil(moment.getTime() / minuteMs) * minuteMs);
}
