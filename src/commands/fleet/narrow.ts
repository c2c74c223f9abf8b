import type { DeploymentSummary } from "../../api/types.js";
import { NothingFoundError } from "../../errors.js";
import { refuseUnfitted } from "../../fleet/except.js";
import type { Selection } from "../../fleet/selection.js";
import { type Candidate, selectorTest, toScope } from "../../incident/scope.js";

/** What is narrowed, and by what. */
export interface Narrowing {
  selection: Selection;
  candidates: readonly Candidate[];
  /** Only these of them: `dep_…/auto_…`. */
  automations?: readonly string[] | undefined;
  at: Date;
  /** What the candidates are of: `the incident`. */
  where: string;
}

/** Which candidates a selection means. */
export interface Narrowed {
  isWanted(candidate: Candidate): boolean;
  isExcluded(candidate: Candidate): boolean;
}

/** Selectors look at the candidates, not at the fleet. Throws NothingFoundError for one that fits nothing in them. */
export function narrowTo(
  everyone: readonly DeploymentSummary[],
  { selection, candidates, automations, at, where }: Narrowing,
): Narrowed {
  const scope = toScope({ ...selection, except: [] }, { everyone, at });
  const deploymentNames = new Map(everyone.map(({ deployment_id, name }) => [deployment_id, name]));
  const isWanted = selectorTest({ ...scope, automations: automations && [...automations] });
  if (candidates.length > 0 && !candidates.some(isWanted)) {
    throw new NothingFoundError(`the selectors match nothing in ${where}`, { hint: "nothing was changed" });
  }
  const isExcluded = (item: Candidate) =>
    selection.except.fits({ ...item, deployment_name: deploymentNames.get(item.deployment_id) });
  for (const candidate of candidates) isExcluded(candidate);
  const places = new Set(candidates.map((item) => deploymentNames.get(item.deployment_id)));
  const names = [...candidates.map(({ name }) => name), ...places].flatMap((name) => name ?? []);
  refuseUnfitted(selection.except, { where, names });
  return { isWanted, isExcluded };
}
