import type { Automation, AutomationFields } from "../../api/types.js";
import { fieldsBefore, type ItemFields, type NewItem } from "../../history/change.js";
import { switchAct } from "../../history/touch.js";

interface Read {
  deploymentId: string;
  /** As last read before it is changed. */
  before: Pick<Automation, "automation_id" | "name"> & ItemFields;
}

/** An update as the history has it: the fields that are sent, and what they were. Of `enabled` alone it is a pause or a resume. */
export function updateItem({ deploymentId, before }: Read, after: Partial<AutomationFields>): NewItem {
  const { enabled, ...others } = after;
  const isSwitch = enabled !== undefined && Object.values(others).every((value) => value === undefined);
  const act = isSwitch ? switchAct(enabled) : "update";
  return { ...itemOf({ deploymentId, before }), act, before: fieldsBefore(before, after), after };
}

/** A deletion: all that is needed to make it again. */
export function deletionItem({ deploymentId, before }: Read): NewItem {
  return { ...itemOf({ deploymentId, before }), act: "delete", before: fieldsBefore(before) };
}

/** A creation: there is no id before it is sent. */
export function creationItem(deploymentId: string, fields: AutomationFields): NewItem {
  const { name } = fields;
  return { act: "create", deployment_id: deploymentId, automation_id: null, name, after: fields };
}

/** A run that is started; it changes no field. */
export function triggerItem({ deploymentId, before }: Read): NewItem {
  return { ...itemOf({ deploymentId, before }), act: "trigger" };
}

/** An answer to a run. */
export function answerItem(of: Read, { runId, message }: { runId: string; message: string }): NewItem {
  return { ...itemOf(of), act: "answer", run_id: runId, message };
}

function itemOf({ deploymentId, before: { automation_id, name } }: Read) {
  return { deployment_id: deploymentId, automation_id, name: name ?? null };
}
