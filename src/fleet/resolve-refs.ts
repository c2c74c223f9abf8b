import type { Automation } from "../api/types.js";
import { type Hint, NothingFoundError, NotPossibleError } from "../errors.js";
import { type AutomationRef, nearMissHint, parseRef, seeAutomations } from "./refs.js";

/** A deployment's automations, as they were read. */
export interface RefPlace {
  deploymentId: string;
  automations: readonly Automation[];
}

export interface FoundRef {
  deploymentId: string;
  automation: Automation;
}

/**
 * What refs name in several deployments, each automation once: a name may fit one in each (src/commands/README.md, "Refs").
 * Throws NothingFoundError for a ref that fits nothing, NotPossibleError for a name that fits several in one deployment.
 */
export function resolveRefs(refs: readonly string[], places: readonly RefPlace[]): FoundRef[] {
  const found = refs.flatMap((ref) => resolveRef(ref, places));
  return [
    ...new Map(found.map((each) => [`${each.deploymentId}/${each.automation.automation_id}`, each])).values(),
  ];
}

function resolveRef(text: string, everywhere: readonly RefPlace[]): FoundRef[] {
  const ref = parseRef(text);
  const places = everywhere.filter(
    ({ deploymentId }) => ref.deploymentId === undefined || ref.deploymentId === deploymentId,
  );
  const found = places.flatMap((place) => {
    const automation = fittingIn(place, ref);
    return automation === undefined ? [] : [{ deploymentId: place.deploymentId, automation }];
  });
  if (found.length > 0) return found;
  throw new NothingFoundError(`no automation ${JSON.stringify(text)} in what was selected`, {
    hint: nearName(places, ref),
  });
}

/** What a name names in one deployment. Throws as `resolveRefs` does. */
export function resolveName(ref: AutomationRef, place: RefPlace): Automation {
  const found = fittingIn(place, ref);
  if (found !== undefined) return found;
  const { name = "" } = ref;
  throw new NothingFoundError(`no automation named "${name}" in ${place.deploymentId}`, {
    hint: /^run_\w+$/.test(name)
      ? (herm) => `${name} is a run: ${herm("runs", "show", name)}`
      : nearName([place], ref),
  });
}

function fittingIn({ deploymentId, automations }: RefPlace, ref: AutomationRef): Automation | undefined {
  const fitting = automations.filter(({ automation_id, name }) =>
    ref.automationId === undefined ? name === ref.name : automation_id === ref.automationId,
  );
  if (fitting.length < 2) return fitting[0];
  throw new NotPossibleError(`${fitting.length} automations in ${deploymentId} are named "${ref.name}"`, {
    hint: `give one of their ids: ${fitting.map(({ automation_id }) => automation_id).join(", ")}`,
  });
}

function nearName(places: readonly RefPlace[], { name = "" }: AutomationRef): Hint {
  const names = places.flatMap(({ automations }) => automations.flatMap((each) => each.name ?? []));
  return nearMissHint(name, names, seeAutomations);
}
