import type { CallOptions } from "../api/request-options.js";
import type { Automation, AutomationFields, AutomationRef } from "../api/types.js";
import type { ChangesContext } from "./changes-context.js";
import { confirmChange } from "./confirm.js";
import { showsFields } from "./fields.js";

/** Says what a reading shows of a change whose answer was lost; undefined: not that it was done. */
export type Seen<Answer> = (reading: Automation | undefined) => { value: Answer } | undefined;

interface Patch extends AutomationRef {
  fields: Partial<AutomationFields>;
  options?: CallOptions;
}

/**
 * Sends a PATCH as it is: a pause or a resume, which overwrites nothing else, or what `prepareUpdate` has checked. What
 * is in flight at Ctrl-C is finished, so that its outcome is known. Throws as the client and `confirmChange` do.
 */
export async function patchAutomation(
  context: ChangesContext,
  { deployment_id, automation_id, fields, options }: Patch,
): Promise<Automation> {
  const client = await context.client();
  const stopping = { stopSignal: context.signal, ...options };
  const answer = await client.automations.update(deployment_id, automation_id, fields, stopping);
  return confirmChange(context, { deployment_id, sent: fields, answer, kind: "update" });
}

/** What shows that a PATCH of these fields was done. */
export function seenPatch(fields: Partial<AutomationFields>): Seen<Automation> {
  return (reading) => (reading && showsFields(reading, fields) ? { value: reading } : undefined);
}
