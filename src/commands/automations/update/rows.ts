import { type FieldName, sentFields } from "../../../changes/fields.js";
import type { ItemResult } from "../../../fleet/outcome.js";
import { type FleetRow, failure, itemRow, notDone, unreadableRow } from "../../fleet/rows.js";
import type { PlannedItem, UpdatePlan } from "./plan.js";

export function updatedRow({ item: planned, outcome }: ItemResult<PlannedItem, unknown>): FleetRow {
  const row = itemRow(planned.item);
  const changes = changesOf(planned);
  if ("value" in outcome) {
    return outcome.result === "done"
      ? { ...row, result: "updated", changes }
      : { ...row, result: "unchanged", reason: "changed so meanwhile" };
  }
  const isBegun = outcome.result !== "skipped";
  return { ...row, ...notDone(outcome), changes: isBegun ? changes : undefined };
}

export function plannedRow(planned: PlannedItem): FleetRow {
  return { ...itemRow(planned.item), result: "planned", changes: changesOf(planned) };
}

/** What a plan leaves as it is: because it is so already, or isn't as it has to be, or couldn't be read. */
export function leftRows({ unchanged, left, unread }: UpdatePlan): FleetRow[] {
  return [
    ...unchanged.map((item): FleetRow => ({ ...itemRow(item), result: "unchanged" })),
    ...left.map(({ item, reason }): FleetRow => ({ ...itemRow(item), result: "left", reason })),
    ...unread.map(({ item, error }): FleetRow => ({ ...itemRow(item), result: "failed", ...failure(error) })),
  ];
}

/** The same with the deployments that couldn't be read at all. */
export function untouchedRows(plan: UpdatePlan): FleetRow[] {
  return [...leftRows(plan), ...plan.unreadable.map(unreadableRow)];
}

/** Each field that is sent, before and after. */
export function changesOf({
  before,
  changes,
}: Pick<PlannedItem, "before" | "changes">): Partial<Record<FieldName, { from: unknown; to: unknown }>> {
  return Object.fromEntries(
    sentFields(changes).map((field) => [field, { from: before[field] ?? null, to: changes[field] }]),
  );
}
