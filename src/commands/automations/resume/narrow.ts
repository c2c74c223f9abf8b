import type { Automation } from "../../../api/types.js";
import { NothingFoundError } from "../../../errors.js";
import { refuseUnfitted } from "../../../fleet/except.js";
import { itemKey } from "../../../fleet/refs.js";
import { resolveRefs } from "../../../fleet/resolve-refs.js";
import type { ResumeItem, ResumePlanInput } from "../../../incident/resume-selection.js";
import { type Candidate, selectorTest, toScope } from "../../../incident/scope.js";
import type { FleetSession } from "../../fleet/session.js";
import type { ResumeIncidentOptions } from "./prepared.js";

interface Narrowing {
  options: ResumeIncidentOptions;
  candidates: readonly ResumeItem[];
  at: Date;
}

/** Which items of an incident are wanted. Selectors look at the incident, not at the fleet; throws NothingFoundError for one that fits nothing in it. */
export function narrow(
  { everyone }: FleetSession,
  { options: { refs, selection }, candidates, at }: Narrowing,
): Pick<ResumePlanInput, "isWanted" | "isExcluded"> {
  const scope = toScope({ ...selection, except: [] }, { everyone, at });
  const deploymentNames = new Map(everyone.map(({ deployment_id, name }) => [deployment_id, name]));
  const automations = refs.length === 0 ? undefined : keysOf(refs, { candidates, deploymentNames });
  const isWanted = selectorTest({ ...scope, automations });
  if (candidates.length > 0 && !candidates.some(isWanted)) {
    throw new NothingFoundError("the selectors match nothing in the incident", {
      hint: "nothing was changed",
    });
  }
  const isExcluded = (item: Candidate) =>
    selection.except.fits({ ...item, deployment_name: deploymentNames.get(item.deployment_id) });
  for (const candidate of candidates) isExcluded(candidate);
  refuseUnfitted(selection.except, {
    where: "the incident",
    names: candidates.flatMap(({ name }) => name ?? []),
  });
  return { isWanted, isExcluded };
}

interface Candidates {
  candidates: readonly ResumeItem[];
  deploymentNames: ReadonlyMap<string, string | null | undefined>;
}

function keysOf(refs: readonly string[], { candidates, deploymentNames }: Candidates): string[] {
  const places = new Map<string, Automation[]>();
  for (const { deployment_id, automation_id, ledgerItem } of candidates) {
    const { name, schedule } = ledgerItem.line;
    const automations = places.get(deployment_id) ?? [];
    automations.push({ automation_id, name, schedule, enabled: false });
    places.set(deployment_id, automations);
  }
  const found = resolveRefs(
    refs,
    [...places].map(([deploymentId, automations]) => ({
      deploymentId,
      deploymentName: deploymentNames.get(deploymentId),
      automations,
    })),
  );
  return found.map(({ deploymentId, automation: { automation_id } }) =>
    itemKey({ deployment_id: deploymentId, automation_id }),
  );
}
