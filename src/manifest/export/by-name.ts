import type { DeploymentSummary } from "../../api/types.js";
import { NotPossibleError } from "../../errors/errors.js";
import { isDeploymentId } from "../../fleet/refs.js";
import type { DeploymentTarget } from "../../fleet/selection.js";
import { groupBy } from "../group-by.js";
import { excerpt } from "../mistake.js";
import type { Collection } from "./collect.js";

/** Adds the names that are known: a target chosen by its id alone has none yet. */
export function withNames(
  targets: readonly DeploymentTarget[],
  everyone: readonly DeploymentSummary[],
): DeploymentTarget[] {
  const names = new Map(everyone.map(({ deployment_id, name }) => [deployment_id, name]));
  return targets.map((target) => ({ ...target, name: names.get(target.deployment_id) ?? target.name }));
}

/**
 * Gives an error (NotPossibleError) to each collection that names can't identify, since reading it back would mean
 * something else.
 */
export function checkUniqueNames(
  collections: readonly Collection[],
  everyone: readonly DeploymentSummary[],
): Collection[] {
  const byName = groupBy(everyone, ({ name }) => name ?? "");
  return collections.map((collection) => {
    const { name, deployment_id } = collection.target;
    const ids = (byName.get(name) ?? []).map(({ deployment_id }) => deployment_id);
    const several = `${ids.length} deployments are named "${excerpt(name)}": ${ids.join(", ")}`;
    const why =
      whyNoName(name, deployment_id) ??
      (ids.length > 1 ? several : undefined) ??
      whyDuplicateNames(collection);
    if (collection.error !== undefined || why === undefined) return collection;
    const hint = "without --by-name, ids are written instead";
    return { ...collection, error: new NotPossibleError(why, { hint }) };
  });
}

function whyNoName(name: string, deployment_id: string): string | undefined {
  if (name === deployment_id || name.trim() === "") return `${deployment_id} has no name`;
  return isDeploymentId(name) ? `the name of ${deployment_id} is ${name}, which looks like an id` : undefined;
}

function whyDuplicateNames({ target, automations }: Collection): string | undefined {
  const groups = [...groupBy(automations, ({ name }) => name).values()];
  const duplicates = groups.find(({ length }) => length > 1);
  if (duplicates === undefined) return undefined;
  const ids = duplicates.map(({ automation_id }) => automation_id).join(", ");
  return `${duplicates.length} automations of ${target.name} are named "${excerpt(duplicates[0]?.name ?? "")}": ${ids}`;
}
