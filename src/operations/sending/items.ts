import { isObject, textOf } from "../../api/json.js";
import type { Automation, AutomationFields } from "../../api/types.js";
import { itemKey } from "../../fleet/refs.js";
import {
  fieldsBefore,
  type ItemFields,
  type ItemOutcome,
  type NewItem,
  switchAct,
} from "../../history/change.js";

interface Read {
  deployment_id: string;
  before: Pick<Automation, "automation_id" | "name"> & ItemFields;
}

/** An update for the history: the sent fields and their old values. With `enabled` alone, it is a pause or a resume. */
export function updateItem({ deployment_id, before }: Read, after: Partial<AutomationFields>): NewItem {
  const { enabled, ...others } = after;
  const isSwitch = enabled !== undefined && Object.values(others).every((value) => value === undefined);
  const act = isSwitch ? switchAct(enabled) : "update";
  return { ...itemOf({ deployment_id, before }), act, before: fieldsBefore(before, after), after };
}

export function deletionItem({ deployment_id, before }: Read): NewItem {
  return { ...itemOf({ deployment_id, before }), act: "delete", before: fieldsBefore(before) };
}

/** `recreates`: the deleted automation that it replaces. */
export function creationItem(deployment_id: string, fields: AutomationFields, recreates?: string): NewItem {
  const { name } = fields;
  return { act: "create", deployment_id, automation_id: null, name, recreates, after: fields };
}

export function triggerItem({ deployment_id, before }: Read): NewItem {
  return { ...itemOf({ deployment_id, before }), act: "trigger" };
}

export function answerItem(of: Read, { run_id, message }: { run_id: string; message: string }): NewItem {
  return { ...itemOf(of), act: "answer", run_id, message };
}

function itemOf({ deployment_id, before: { automation_id, name } }: Read) {
  return { deployment_id, automation_id, name: name ?? null };
}

export function factsOf(answer: unknown): Omit<ItemOutcome, "result"> {
  if (!isObject(answer)) return {};
  const { automation_id, updated_at, run_id } = answer;
  return { automation_id: textOf(automation_id), updated_at: textOf(updated_at), run_id: textOf(run_id) };
}

/** Returns the id of a response's created, changed or started object. */
export function idOf(answer: unknown): string | undefined {
  const { automation_id, run_id } = factsOf(answer);
  return automation_id ?? run_id;
}

/** Returns the command that shows whether an item was done. */
export function checkOf({ act, deployment_id, automation_id, name }: NewItem): string[] {
  if (act === "create") return ["automations", "list", "-d", deployment_id, "--match", name ?? ""];
  if (act === "answer") return ["runs", "list", "-d", deployment_id, "--since", "5m"];
  const ref = itemKey({ deployment_id, automation_id });
  return act === "trigger" ? ["runs", "list", ref] : ["automations", "get", ref];
}
