import type { FleetItem } from "../../incident/pause-plan.js";
import { counted } from "../../output/count.js";
import { hourMs } from "../../output/duration.js";
import { relative } from "../../output/time.js";
import type { Names } from "./names.js";

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
  isPart?: boolean;
}

/** How many run within the hour, and the first of all, of items soonest first; nothing where none says when. Plain text. */
export function upcomingLines(
  items: readonly FleetItem[],
  { now, names, verb, isPart = false }: Telling,
): string[] {
  const first = items[0] && timed(items[0]);
  if (first === undefined) return [];
  const soon = dueSoon(items, now);
  const when = ({ at }: TimedItem) => relative(at < now ? now : at, now);
  if (soon.length === 0) {
    const among = isPart ? " among those read" : "";
    return [`no run within the hour${among}; the first ${when(first)}: ${names.of(first)}`];
  }
  const count = `${isPart ? "at least " : ""}${counted(soon.length, "automation")}`;
  const [group] = names.groups(soon, when);
  const [runs, rank] = soon.length === 1 ? [verb === "run" ? "runs" : verb, ""] : [verb, "the first "];
  return [`${count} ${runs} within the hour, ${rank}${when(first)}: ${group?.what}`];
}
