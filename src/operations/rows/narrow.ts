import type { DeploymentSummary } from "../../api/types.js";
import { NothingFoundError } from "../../errors/errors.js";
import { refuseUnmatched } from "../../fleet/exclusions.js";
import { keysOfRefs, type RefDeployment } from "../../fleet/resolve-refs.js";
import type { Selection } from "../../fleet/selection.js";
import type { ChangeItem } from "../../history/change.js";
import { type Candidate, selectorTest, toScope } from "../../incident/scope.js";
import { groupBy } from "../../manifest/group-by.js";
import { deploymentsById } from "./session.js";

export interface Narrowing {
  selection: Selection;
  candidates: readonly Candidate[];
  /** Names only these where there are any. */
  refs?: readonly string[];
  at: Date;
  /** The whole that is narrowed: `the incident`. */
  where: string;
}

/** Tests which candidates a selection means. Throws NothingFoundError for a selector or ref that matches none of them. */
export function narrowTo(
  everyone: readonly DeploymentSummary[],
  { selection, candidates, refs = [], at, where }: Narrowing,
): { isSelected(candidate: Candidate): boolean; isExcluded(candidate: Candidate): boolean } {
  const scope = toScope({ ...selection, except: [] }, { everyone, at });
  const deploymentNames = new Map(everyone.map(({ deployment_id, name }) => [deployment_id, name]));
  const automations = refs.length === 0 ? undefined : keysOfRefs(refs, placesOf(candidates, deploymentNames));
  const isSelected = selectorTest({ ...scope, automations });
  if (candidates.length > 0 && !candidates.some(isSelected)) {
    throw new NothingFoundError(`the selectors match nothing in ${where}`, { hint: "nothing was changed" });
  }
  const isExcluded = (item: Candidate) =>
    selection.except.matches({ ...item, deployment_name: deploymentNames.get(item.deployment_id) });
  for (const candidate of candidates) isExcluded(candidate);
  const places = new Set(candidates.map((item) => deploymentNames.get(item.deployment_id)));
  const names = [...candidates.map(({ name }) => name), ...places].flatMap((name) => name ?? []);
  refuseUnmatched(selection.except, { where, names });
  return { isSelected, isExcluded };
}

/**
 * Selects items of a change, with their names of now; also in a deployment that the account's list lacks. Throws as
 * `narrowTo`.
 */
export function narrowChange<Item extends Pick<ChangeItem, "deployment_id" | "automation_id" | "name">>(
  listed: readonly DeploymentSummary[],
  { items, selection, at }: { items: readonly Item[]; selection: Selection; at: Date },
): (Candidate & { item: Item })[] {
  const ids = [...listed, ...items].map(({ deployment_id }) => deployment_id);
  const everyone = deploymentsById(ids, listed);
  const known = new Map(everyone.map((each) => [each.deployment_id, each]));
  const candidates = items.map((item) => {
    const { deployment_id, automation_id, name } = item;
    const { customer_id, name: deployment_name = deployment_id } = known.get(deployment_id) ?? {};
    return { deployment_id, deployment_name, customer_id, automation_id: automation_id ?? "", name, item };
  });
  const narrowed = narrowTo(everyone, { selection, candidates, at, where: "the change" });
  return candidates.filter((each) => narrowed.isSelected(each) && !narrowed.isExcluded(each));
}

function placesOf(
  candidates: readonly Candidate[],
  deploymentNames: ReadonlyMap<string, string | null | undefined>,
): RefDeployment[] {
  const groups = groupBy(candidates, ({ deployment_id }) => deployment_id);
  return [...groups].map(([deployment_id, theirs]) => ({
    deployment_id,
    deployment_name: deploymentNames.get(deployment_id),
    automations: theirs.map((candidate) => ({ ...candidate })),
  }));
}
