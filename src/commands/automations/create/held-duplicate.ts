import type { Automation, AutomationFields } from "../../../api/types.js";
import type { Context } from "../../../context.js";
import { NotPossibleError } from "../../../errors.js";
import { isSameText } from "../../../manifest/plan/equality.js";
import { heldRefusal } from "../../../manifest/plan/incident-hold.js";
import { getIfThere } from "../../../manifest/state/listing.js";
import { textOrDash } from "../../../output/value-text.js";
import { schedulesEqual } from "../../../schedule/compare.js";
import { loadIncidentBadges } from "../shared/incident-badges.js";

export interface HeldCheck {
  deployment_id: string;
  fields: Pick<AutomationFields, "schedule" | "instructions">;
  present: readonly Automation[];
}

/**
 * Throws NotPossibleError where an open incident of this data folder holds the same: a second one would run all the
 * same.
 */
export async function refuseHeldDuplicate(
  context: Context,
  { deployment_id, fields, present }: HeldCheck,
): Promise<void> {
  const marksOf = await loadIncidentBadges(context);
  const reading = { client: await context.client(), signal: context.signal };
  for (const automation of present) {
    const [held] = marksOf(deployment_id, automation);
    if (held === undefined || !schedulesEqual(automation.schedule ?? "", fields.schedule)) continue;
    const whole = await getIfThere({ deployment_id, automation_id: automation.automation_id }, reading);
    if (!isSameText(fields.instructions, whole?.instructions ?? undefined)) continue;
    throw new NotPossibleError(
      heldRefusal({ ...automation, name: textOrDash(automation.name) }, held.text).error,
    );
  }
}
