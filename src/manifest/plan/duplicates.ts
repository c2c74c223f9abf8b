import { schedulesEqual } from "../../schedule/compare.js";
import { groupBy } from "../group-by.js";
import type { DesiredItems } from "../state/desired-items.js";
import type { ActualAutomation } from "./plan-item.js";

export interface Duplicates {
  /** Surplus automations, each with the id of the one that stays. */
  extra: readonly { automation: ActualAutomation; stays: string }[];
  conflicts: readonly { name: string; error: string }[];
}

/**
 * Finds duplicates of what a manifest names once: equal in name, schedule, instructions and enabled, each in its own
 * thread. The oldest stays. Two in one thread may be meant.
 */
export function findDuplicates(desired: DesiredItems, actual: readonly ActualAutomation[]): Duplicates {
  const extra: { automation: ActualAutomation; stays: string }[] = [];
  const conflicts: { name: string; error: string }[] = [];
  const items = groupBy(desired.items, ({ name }) => name);
  for (const [name, named] of groupBy(actual, (automation) => automation.name)) {
    if (items.get(name)?.length !== 1) continue;
    for (const group of groupEqual(named)) {
      if (group.length < 2 || !hasOwnThreads(group, actual)) continue;
      const oldest = oldestOf(group);
      if (oldest === undefined) {
        const ids = group.map(({ automation_id }) => automation_id).join(", ");
        conflicts.push({ name, error: `it isn't known which of ${ids} is the oldest` });
        continue;
      }
      const others = group.filter((automation) => automation !== oldest);
      extra.push(...others.map((automation) => ({ automation, stays: oldest.automation_id })));
    }
  }
  return { extra, conflicts };
}

function groupEqual(automations: readonly ActualAutomation[]): ActualAutomation[][] {
  const groups: ActualAutomation[][] = [];
  for (const automation of automations) {
    const group = groups.find(
      ([first]) =>
        first !== undefined && first.enabled === automation.enabled && isDuplicate(first, automation),
    );
    if (group === undefined) groups.push([automation]);
    else group.push(automation);
  }
  return groups;
}

/** True when one does what the other does, under its name. */
export function isDuplicate(one: ActualAutomation, other: ActualAutomation): boolean {
  return (
    one !== other &&
    one.name === other.name &&
    one.instructions !== undefined &&
    one.instructions === other.instructions &&
    schedulesEqual(one.schedule, other.schedule)
  );
}

/** Counts the threads of all automations that were read. */
function hasOwnThreads(group: readonly ActualAutomation[], actual: readonly ActualAutomation[]): boolean {
  return group.every(
    ({ thread_id }) => thread_id && actual.filter((each) => each.thread_id === thread_id).length === 1,
  );
}

/** Gives undefined where a time is missing, or the two oldest are of one moment. */
function oldestOf(group: readonly ActualAutomation[]): ActualAutomation | undefined {
  const dated = group.map((automation) => ({ automation, at: Date.parse(automation.created_at ?? "") }));
  if (dated.some(({ at }) => Number.isNaN(at))) return undefined;
  const [oldest, next] = dated.toSorted((one, other) => one.at - other.at);
  return oldest?.at === next?.at ? undefined : oldest?.automation;
}
