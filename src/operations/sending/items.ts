import type { Automation, AutomationFields } from "../../api/types.js";
import { fieldsBefore, type ItemFields, type NewItem, switchAct } from "../../history/change.js";

interface Read {
  deployment_id: string;
  before: Pick<Automation, "automation_id" | "name"> & ItemFields;
}

/** An update as the history has it: the fields that are sent, and what they were. Of `enabled` alone it is a pause or a resume. */
export function updateItem({ deployment_id, before }: Read, after: Partial<AutomationFields>): NewItem {
  const { enabled, ...others } = after;
  const isSwitch = enabled !== undefined && Object.values(others).every((value) => value === undefined);
  const act = isSwitch ? switchAct(enabled) : "update";
  return { ...itemOf({ deployment_id, before }), act, before: fieldsBefore(before, after), after };
}

export function deletionItem({ deployment_id, before }: Read): NewItem {
  return { ...itemOf({ deployment_id, before }), act: "delete", before: fieldsBefore(before) };
}

/** `recreates`: the deleted automation that it brings back. */
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
