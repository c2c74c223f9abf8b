import { spreadSchedule } from "../spread.js";
import type { DesiredItem } from "../state/desired-items.js";
import { isSameSchedule, isSameText } from "./equality.js";
import type { ActualAutomation } from "./plan-item.js";

/** Refuses to create an item: an open incident holds the same, and it would run under another name. */
export function whyHeld(
  { schedule, spread, instructions }: DesiredItem,
  actual: readonly ActualAutomation[],
  heldBy: (automation: ActualAutomation) => string | undefined = () => undefined,
): { error: string } | undefined {
  for (const automation of actual) {
    const held = heldBy(automation);
    if (held === undefined || !isSameText(instructions, automation.instructions)) continue;
    // Spread depends on the name, so the minute is worked out with the held automation's name.
    const its = spread === undefined ? schedule : spreadSchedule(spread, automation.name);
    if (isSameSchedule({ schedule: its }, automation)) return { error: heldText(automation, held) };
  }
  return undefined;
}

/** `"Weekly" (auto_1), held by INC-42, is the same: no second one is created`. */
export function heldText(
  { name, automation_id }: Pick<ActualAutomation, "name" | "automation_id">,
  held: string,
): string {
  return `"${name}" (${automation_id}), ${held}, is the same: no second one is created`;
}
