import { schedulesEqual } from "../../schedule/compare.js";
import { readTimeZone } from "../../schedule/time-zone.js";
import type { ItemSchedule } from "../item-schedule.js";
import { spreadSchedule } from "../item-schedule.js";
import type { DesiredItem } from "../state/desired-items.js";
import type { ActualAutomation, ManifestChanges } from "./plan-item.js";

export function isSameSchedule(
  { schedule }: { schedule: ItemSchedule },
  automation: { schedule: string },
): boolean {
  const isAsWritten = schedule.zone === undefined && schedule.spreadMinutes === undefined;
  return (
    (isAsWritten && schedule.text === automation.schedule) ||
    schedulesEqual(schedule.cron, automation.schedule)
  );
}

/** Ignores line ends at the end, which agents don't notice and a server may drop. */
export function isSameText(desired: string, actual: string | undefined): boolean {
  return actual !== undefined && withoutLastLineEnds(desired) === withoutLastLineEnds(actual);
}

export function withoutLastLineEnds(text: string): string {
  let end = text.length;
  while (text[end - 1] === "\n") end -= 1;
  return text.slice(0, end);
}

/** True if both have the same name, schedule and instructions. */
export function isDuplicate(one: ActualAutomation, other: ActualAutomation): boolean {
  return (
    one !== other &&
    one.name === other.name &&
    one.instructions !== undefined &&
    one.instructions === other.instructions &&
    schedulesEqual(one.schedule, other.schedule)
  );
}

/** True if only daylight saving, and no edit since the clocks changed, made the difference. */
export function isMovedByDst(
  { schedule }: DesiredItem,
  { automation, changes }: { automation: ActualAutomation; changes: ManifestChanges },
): boolean {
  if (changes.schedule === undefined || Object.keys(changes).length > 1) return false;
  const { otherCron, zone, offsetMinutes } = schedule;
  if (otherCron === undefined || !schedulesEqual(otherCron, automation.schedule)) return false;
  const setAt = new Date(automation.updated_at ?? "");
  const reading = zone === undefined ? undefined : readTimeZone(zone);
  if (Number.isNaN(setAt.getTime()) || reading?.ok !== true) return true;
  return reading.timeZone.offsetMinutesAt(setAt) !== offsetMinutes;
}

/** Refuses to create an item if an open incident holds the same one, because it would then run under another name. */
export function whyHeld(
  { schedule, spread, instructions }: DesiredItem,
  actual: readonly ActualAutomation[],
  heldBy: (automation: ActualAutomation) => string | undefined = () => undefined,
): { error: string } | undefined {
  for (const automation of actual) {
    const held = heldBy(automation);
    if (held === undefined || !isSameText(instructions, automation.instructions)) continue;
    // Spread depends on the name, so the minute is computed with the held automation's name.
    const its = spread === undefined ? schedule : spreadSchedule(spread, automation.name);
    if (isSameSchedule({ schedule: its }, automation)) return { error: heldText(automation, held) };
  }
  return undefined;
}

/** `"Weekly" (auto_1), held by INC-42, is the same, so no duplicate is created`. */
export function heldText(
  { name, automation_id }: Pick<ActualAutomation, "name" | "automation_id">,
  held: string,
): string {
  return `"${name}" (${automation_id}), ${held}, is the same, so no duplicate is created`;
}
