import { msOf } from "../../../api/schema.js";
import type { Automation } from "../../../api/types.js";
import type { Context } from "../../../context/context.js";
import { readApiIdentity } from "../../../history/api-identity.js";
import type { ApiIdentity } from "../../../history/incident-lines.js";
import type { BrokenIncident } from "../../../incident/incident-folder.js";
import { type ChangesOf, ownerFinder, readIndexedLedgers } from "../../../incident/ledger-index.js";
import type { CurrentAutomation } from "../../../incident/owners.js";
import { isSameApi } from "../../../incident/scope.js";
import type { Holder } from "../../status/facts.js";

export interface IncidentBadge extends Holder {
  /** `held by INC-42`. */
  text: string;
  reason: string | undefined;
}

export type BadgesOf = (
  deployment_id: string,
  automation: CurrentAutomation & Pick<Automation, "automation_id">,
) => IncidentBadge[];

export interface OpenIncidents {
  badgesOf: BadgesOf;
  broken: readonly BrokenIncident[];
}

export async function readOpenIncidents(context: Context, knownApi?: ApiIdentity): Promise<OpenIncidents> {
  const { settings } = context;
  const { held, broken } = readIndexedLedgers(settings);
  if (held.length === 0) return { badgesOf: () => [], broken };
  const api = knownApi ?? (await readApiIdentity(context, await context.client()));
  const holderAt = ownerFinder(settings, { held, api });
  const badgesOf: BadgesOf = (deployment_id, automation) => {
    const holder = holderAt({ deployment_id, automation_id: automation.automation_id }, automation);
    if (holder === undefined) return [];
    const incident = settings.redact(holder.incident);
    const reason = holder.reason ? settings.redact(holder.reason) : undefined;
    const [user, sinceMs] = [settings.redact(holder.by.user), msOf(holder.created_at)];
    return [{ incident, user, sinceMs, text: `held by ${incident}`, reason }];
  };
  return { badgesOf, broken };
}

/** Reads when incidents on the current API, including closed ones, last paused or resumed automations. */
export async function readSwitches(context: Context): Promise<ChangesOf> {
  const { held } = readIndexedLedgers(context.settings, { includesClosed: true });
  if (held.length === 0) return () => [];
  const api = await readApiIdentity(context, await context.client());
  const own = held.filter(({ head }) => isSameApi(head.target, api));
  return (ids) => own.flatMap(({ changesOf }) => changesOf(ids));
}
