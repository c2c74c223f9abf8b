import type { Automation } from "../../../api/types.js";
import type { Context } from "../../../context.js";
import { isSameApi } from "../../../incident/identity.js";
import { type ChangesOf, ownerFinder, readIndexedLedgers } from "../../../incident/ledger-index.js";
import type { CurrentAutomation } from "../../../incident/owners.js";
import { readApiIdentity } from "../../../operations/rows/identity.js";

export interface IncidentBadge {
  incident: string;
  /** `held by INC-42`. */
  text: string;
  reason: string | undefined;
}

export type BadgesOf = (
  deployment_id: string,
  automation: CurrentAutomation & Pick<Automation, "automation_id">,
) => IncidentBadge[];

export async function readIncidentBadges(context: Context): Promise<BadgesOf> {
  const { settings } = context;
  const { held } = readIndexedLedgers(settings);
  if (held.length === 0) return () => [];
  const api = await readApiIdentity(context, await context.client());
  const holderAt = ownerFinder(settings, { held, api });
  return (deployment_id, automation) => {
    const holder = holderAt({ deployment_id, automation_id: automation.automation_id }, automation);
    if (holder === undefined) return [];
    const incident = settings.redact(holder.incident);
    const reason = holder.reason ? settings.redact(holder.reason) : undefined;
    return [{ incident, text: `held by ${incident}`, reason }];
  };
}

/** Reads when incidents of the API in use, closed ones too, switched automations last. */
export async function readSwitches(context: Context): Promise<ChangesOf> {
  const { held } = readIndexedLedgers(context.settings, { includesClosed: true });
  if (held.length === 0) return () => [];
  const api = await readApiIdentity(context, await context.client());
  const own = held.filter(({ head }) => isSameApi(head.target, api));
  return (ids) => own.flatMap(({ changesOf }) => changesOf(ids));
}
