import type { ItemResult } from "../../fleet/outcome.js";
import type { ChangeItem } from "../../history/change.js";
import { type FleetRow, failure, notDone } from "../fleet/rows.js";
import type { OpenStep, UndoPlan } from "./prepared.js";

/** The row of an item that was to be taken back; of one that was created again its new id. */
export function undoneRow({ item: step, outcome }: ItemResult<OpenStep, string>): FleetRow {
  const row = itemRow(step.item);
  if ("value" in outcome) {
    return outcome.result === "done"
      ? { ...row, automation_id: outcome.value, result: "undone", reason: whyOf(step) }
      : { ...row, result: "unchanged" };
  }
  return { ...row, ...notDone(outcome) };
}

export function plannedRow(step: OpenStep): FleetRow {
  return { ...itemRow(step.item), result: "planned", reason: plannedWords[step.does] };
}

const plannedWords = { restore: "to be restored", remake: "to be created again", remove: "to be deleted" };

/** What a plan leaves as it is, and what couldn't be read. */
export function untouchedRows(plan: UndoPlan): FleetRow[] {
  const unchanged = plan.unchanged.map((item): FleetRow => ({ ...itemRow(item), result: "unchanged" }));
  return [...unchanged, ...leftRows(plan), ...unreadRows(plan)];
}

export function leftRows({ left }: UndoPlan): FleetRow[] {
  return left.map(({ item, why }): FleetRow => ({ ...itemRow(item), result: "left", reason: why }));
}

export function unreadRows({ unread }: UndoPlan): FleetRow[] {
  return unread.map(
    ({ item, error }): FleetRow => ({ ...itemRow(item), result: "failed", ...failure(error) }),
  );
}

function whyOf({ does, item }: OpenStep): string | undefined {
  if (does === "remake") return `created again; it was ${item.automation_id}`;
  return does === "remove" ? "deleted" : undefined;
}

/** An automation that was perhaps created and isn't known has no id. */
function itemRow({ deployment_id, automation_id, name }: ChangeItem): Omit<FleetRow, "result"> {
  return { deployment_id, automation_id: automation_id ?? "", name };
}
