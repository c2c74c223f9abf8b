import { spreadSchedule } from "../spread.js";
import type { DesiredItem } from "../state/desired-items.js";
import { isSameSchedule, isSameText } from "./equality.js";
import type { ActualAutomation, PlanItem } from "./plan-item.js";

type Refusal = Required<Pick<PlanItem, "error" | "alike">>;

/** Refuses to create an item: an open incident holds the same, and it would run under another name. */
export function whyHeld(
  { schedule, spread, instructions }: DesiredItem,
  actual: readonly ActualAutomation[],
  heldBy: (automation: ActualAutomation) => string | undefined = () => undefined,
): Refusal | undefined {
  for (const automation of actual) {
    const held = heldBy(automation);
    if (held === undefined || !isSameText(instructions, automation.instructions)) continue;
    // Spread goes by the name: under this one it would be another minute.
    const its = spread === undefined ? schedule : spreadSchedule(spread, automation.name);
    if (isSameSchedule({ schedule: its }, automation)) return heldRefusal(automation, held);
  }
  return undefined;
}

/** `"Weekly" (auto_1), held by INC-42, is the same: no second one is created`, with and without the id. */
export function heldRefusal(
  { name, automation_id }: Pick<ActualAutomation, "name" | "automation_id">,
  held: string,
): Refusal {
  const text = (called: string) => `${called}, ${held}, is the same: no second one is created`;
  return { error: text(`"${name}" (${automation_id})`), alike: text(`"${name}"`) };
}
