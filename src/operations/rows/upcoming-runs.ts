import type { FleetItem } from "../../incident/pause-plan.js";
import { counted, limitLines } from "../../output/count.js";
import { hourMs } from "../../output/duration.js";
import { relative } from "../../output/time.js";
import type { Names } from "./names.js";

const mostNamed = 10;

export type TimedItem = FleetItem & { at: Date };

function timed(item: FleetItem): TimedItem | undefined {
  const at = new Date(item.automation.next_run_at ?? "");
  return Number.isNaN(at.getTime()) ? undefined : { ...item, at };
}

/** Runs due within the hour, overdue ones too, of items soonest first. */
export function dueSoon(items: readonly FleetItem[], now: Date): TimedItem[] {
  const soon: TimedItem[] = [];
  for (const item of items) {
    const each = timed(item);
    // Behind the first that doesn't say when, none does.
    if (each === undefined || each.at.getTime() - now.getTime() > hourMs) break;
    soon.push(each);
  }
  return soon;
}

interface Telling {
  now: Date;
  names: Names;
  /** `would run` of what is about to be paused. */
  verb: "run" | "would run";
  most?: number;
  /** True when not all could be read. */
  isPart?: boolean;
}

/** Lines of the runs due within the hour, of items soonest first; else the next of all. Plain text. */
export function upcomingLines(
  items: readonly FleetItem[],
  { now, names, verb, most = mostNamed, isPart = false }: Telling,
): string[] {
  const soon = dueSoon(items, now);
  if (soon.length === 0) {
    const first = items[0] && timed(items[0]);
    if (first === undefined) return [];
    const among = isPart ? " among those read" : "";
    return [`no run within the hour${among}; the first ${relative(first.at, now)}: ${names.of(first)}`];
  }
  const when = ({ at }: TimedItem) => relative(at < now ? now : at, now);
  const lines = names
    .groups(soon, when)
    .map(({ what, items: [next] }) => `  ${when(next).padEnd(10)} ${what}`);
  const runs = verb === "run" && soon.length === 1 ? "runs" : verb;
  const count = `${isPart ? "at least " : ""}${counted(soon.length, "automation")}`;
  return [`${count} ${runs} within the hour:`, ...limitLines(lines, most)];
}
