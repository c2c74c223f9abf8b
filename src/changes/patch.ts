import type { CallOptions } from "../api/request-options.js";
import type { Automation, AutomationFields, AutomationRef } from "../api/types.js";
import { confirmChange } from "./confirm.js";
import { showsFields } from "./fields.js";
import type { ChangesContext, Sending } from "./sending.js";

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

/** What finds whether a PATCH of these fields was done. */
export function findPatched({ fields, ...ref }: Patch): Sending<Automation>["find"] {
  return async (look) => {
    const reading = await look.read(ref, fields);
    return reading && showsFields(reading, fields) ? [reading] : [];
  };
}
