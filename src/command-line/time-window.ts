import { UsageError } from "../errors/cli-errors.js";

/** The value of a time flag as typed; its meaning depends on when it is read. */
export interface GivenTime {
  flag: string;
  text: string;
}

/** A window from `since` up to, but not including, `until`; undefined means open. */
export interface TimeWindow {
  since: Date | undefined;
  until: Date | undefined;
}

/** Throws UsageError for an empty window. */
export type WindowAt = (now: Date) => TimeWindow;

/** Reads two flags, whose times count from the first response's clock. Throws UsageError at once for bad text. */
export async function loadWindow({
  since,
  until,
}: Partial<Record<"since" | "until", GivenTime>>): Promise<WindowAt> {
  if (since === undefined && until === undefined) return () => ({ since, until });
  const { localClocks, readMoment } = await import("../output/moment.js");
  const momentOf = ({ flag, text }: GivenTime, now: Date) => {
    const moment = readMoment(text, localClocks(now));
    if (moment !== undefined) return moment;
    throw new UsageError(
      `${flag} must be a time such as 2h, yesterday, 9am, mon 09:00 or 2026-03-02, not "${text}"`,
    );
  };
  const windowAt: WindowAt = (now) => ({
    since: since && momentOf(since, now),
    until: until && momentOf(until, now),
  });
  windowAt(new Date(0));
  return (now) => {
    const window = windowAt(now);
    const { since: from, until: to } = window;
    if (since !== undefined && from !== undefined && from > now)
      throw new UsageError(`${since.flag} is in the future: ${since.text}`);
    if (from !== undefined && to !== undefined && from > to)
      throw new UsageError(`${since?.flag} ${since?.text} is after ${until?.flag} ${until?.text}`);
    return window;
  };
}
