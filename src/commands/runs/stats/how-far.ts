import { counted } from "../../../output/count.js";
import type { Printer } from "../../../output/printer.js";
import { formatLocalDay } from "../../../output/time.js";
import { told } from "../../../output/value-text.js";
import { type Seen, shortOf } from "../list/reach.js";

/** Says in one line since when all runs are known. On a terminal always; elsewhere where that is less than was asked. */
export function sayHowFar(
  printer: Printer,
  { seen, from, now }: { seen: readonly Seen[]; from: Date; now: Date },
): void {
  const short = shortOf(seen, from);
  const [shortest] = short;
  if (shortest === undefined) {
    if (printer.isForPerson) printer.note(`all runs since ${formatLocalDay(from, now)}`);
    return;
  }
  const { automation, sinceMs } = shortest;
  const which = short.length === 1 ? told(automation.name) : counted(short.length, "automation");
  const since = formatLocalDay(new Date(sinceMs), now);
  printer.note(`all runs since ${since}; older ones of ${which} may be missing`);
}
