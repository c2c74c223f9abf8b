import type { Automation } from "../../../api/types.js";
import { itemKey } from "../../../fleet/refs.js";
import { resolveRefs } from "../../../fleet/resolve-refs.js";
import type { ResumeItem } from "../../../incident/resume-selection.js";
import { type Narrowed, narrowTo } from "../../fleet/narrow.js";
import type { FleetSession } from "../../fleet/session.js";
import type { ResumeOptions } from "./prepared.js";

interface Narrowing {
  options: ResumeOptions;
  candidates: readonly ResumeItem[];
  at: Date;
}

/** Which items of an incident are wanted. Throws NothingFoundError for a ref or a selector that fits nothing in it. */
export function narrow(
  { everyone }: FleetSession,
  { options: { refs, selection }, candidates, at }: Narrowing,
): Narrowed {
  const deploymentNames = new Map(everyone.map(({ deployment_id, name }) => [deployment_id, name]));
  const automations = refs.length === 0 ? undefined : keysOf(refs, { candidates, deploymentNames });
  return narrowTo(everyone, { selection, candidates, automations, at, where: "the incident" });
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
