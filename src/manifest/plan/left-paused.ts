import type { RecordEntry } from "../record/automation-record.js";
import { nameInKey } from "../record/key.js";
import { type ActualAutomation, type Conflict, type PlanItem, skippedItem } from "./plan-item.js";

const notDeleted = "not deleted: paused";

/** Skips the deletion of what somebody paused. `held`: the incident that holds it, if known. */
export function leftPaused(automation: ActualAutomation, held: string | undefined): PlanItem {
  return skippedItem(automation, [notDeleted, held].filter(Boolean).join(", "));
}

export function isLeftPaused({ action, reason }: Pick<PlanItem, "action" | "reason">): boolean {
  return action === "skipped" && reason?.startsWith(notDeleted) === true;
}

/**
 * Stops a plan in which something paused would come back enabled under another name: the files have to say what
 * became of it. `unnamed`: what no file names; `why`: `paused`, `held by …`.
 */
export function whyStopped(
  unnamed: readonly (Pick<ActualAutomation, "name" | "automation_id"> & { why: string })[],
  changes: readonly PlanItem[],
): Conflict | undefined {
  const create = changes.find(({ action, error }) => action === "create" && error === undefined);
  if (create === undefined || unnamed.length === 0) return undefined;
  const paused = unnamed.map(({ name, automation_id, why }) => `"${name}" (${automation_id}), ${why},`);
  const are = `${paused.toSorted().join(" and ")} ${paused.length === 1 ? "is" : "are"}`;
  const error = `${are} no longer in any file; say what became of it with id:, formerly: or removed:`;
  return { name: create.name, error };
}

/** Refuses to create an item where what no file names any more may be there: the item may be it, renamed. */
export function whyUncertain([entry]: readonly RecordEntry[]): { error: string } | undefined {
  if (entry === undefined) return undefined;
  const { key, automation_id } = entry;
  const what = `"${nameInKey(key)}" (${automation_id}), which no file names`;
  return { error: `${what}, may still exist: nothing is created beside it` };
}
