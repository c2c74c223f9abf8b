import { schedulesEqual } from "../../schedule/compare.js";
import type { DesiredItem } from "../state/desired-items.js";
import type { ActualAutomation } from "./plan-item.js";

type Likeness = (item: DesiredItem, automation: ActualAutomation) => boolean;

const sameInstructions: Likeness = (item, automation) => item.instructions === automation.instructions;
const sameSchedule: Likeness = ({ schedule }, automation) =>
  schedulesEqual(schedule.ok ? schedule.cron : schedule.text, automation.schedule);
const sameEnabled: Likeness = (item, automation) => (item.enabled ?? true) === automation.enabled;

const likenesses: readonly Likeness[] = [
  (...pair) => sameInstructions(...pair) && sameSchedule(...pair) && sameEnabled(...pair),
  (...pair) => sameInstructions(...pair) && sameSchedule(...pair),
  sameInstructions,
  sameSchedule,
  () => true,
];

/** Pairs items and automations of one name, the most alike first. */
export function pairByLikeness(
  items: readonly DesiredItem[],
  automations: readonly ActualAutomation[],
): Map<DesiredItem, ActualAutomation> {
  const [item] = items;
  const [automation] = automations;
  if (item === undefined || automation === undefined) return new Map();
  if (items.length === 1 && automations.length === 1) return new Map([[item, automation]]);
  const pairs = new Map<DesiredItem, ActualAutomation>();
  const free = new Set(
    automations.toSorted((one, other) => (one.automation_id < other.automation_id ? -1 : 1)),
  );
  for (const isLike of likenesses) {
    for (const item of items) {
      const alike = pairs.has(item) ? undefined : [...free].find((automation) => isLike(item, automation));
      if (alike === undefined) continue;
      pairs.set(item, alike);
      free.delete(alike);
    }
  }
  return pairs;
}
