import type { FleetItem } from "../../incident/pause-plan.js";
import { counted, firstOf } from "../../output/count.js";
import { relative } from "../../output/time.js";
import type { Names } from "./names.js";

const hourMs = 60 * 60 * 1000;
const mostNamed = 10;

/** An automation with its next run, as the server tells it. */
export type TimedItem = FleetItem & { at: Date };

/** Those that say when they fire next, in their order. */
function timedItems(items: readonly FleetItem[]): TimedItem[] {
  return items.flatMap((item) => {
    const at = new Date(item.automation.next_run_at ?? "");
    return Number.isNaN(at.getTime()) ? [] : [{ ...item, at }];
  });
}

/** Those that fire within the hour; what should have fired already, too. */
export function firingSoon(items: readonly FleetItem[], now: Date): TimedItem[] {
  return timedItems(items).filter(({ at }) => at.getTime() - now.getTime() <= hourMs);
}

interface Telling {
  now: Date;
  names: Names;
  /** `fire`, or `would fire` of what is about to be kept from it. */
  verb: "fire" | "would fire";
  /** So many are told one by one. */
  most?: number;
}

/** What fires within the hour, from items soonest first; where none does, the first of all. Plain text. */
export function soonLines(
  items: readonly FleetItem[],
  { now, names, verb, most = mostNamed }: Telling,
): string[] {
  const soon = firingSoon(items, now);
  const [first] = timedItems(items);
  if (soon.length === 0) {
    return first === undefined
      ? []
      : [`none fires within the hour; first ${relative(first.at, now)}: ${names.of(first)}`];
  }
  const when = ({ at }: TimedItem) => relative(at < now ? now : at, now);
  const lines = names.once(soon, when).map(({ what, items: [next] }) => `  ${when(next).padEnd(10)} ${what}`);
  const fires = verb === "fire" && soon.length === 1 ? "fires" : verb;
  return [`${counted(soon.length, "automation")} ${fires} within the hour:`, ...firstOf(lines, most)];
}
