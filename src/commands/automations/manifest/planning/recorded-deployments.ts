import type { DeploymentSummary } from "../../../../api/types.js";
import type { Context } from "../../../../context.js";
import { errorOf } from "../../../../fleet/outcome.js";
import { readMany } from "../../../../fleet/read-many.js";
import { isDeploymentId } from "../../../../fleet/refs.js";
import {
  type DeploymentTarget,
  listDeployments,
  type Selection,
  selectsDeployments,
  toTarget,
  wasListed,
} from "../../../../fleet/selection.js";
import type { Mistake } from "../../../../manifest/mistake.js";
import type { Manifest } from "../../../../manifest/read/manifest.js";
import type { DeploymentManifests } from "../../../../manifest/state/desired-state.js";
import { hasTargets } from "../../../../manifest/state/file-targets.js";
import {
  type UnknownDeploymentError,
  unknownDeployment,
} from "../../../../operations/rows/unknown-deployment.js";
import { joinNames } from "../../../../output/count.js";
import type { OpenRecord } from "../record/open-record.js";

export interface Resolving {
  selection: Selection;
  manifests: readonly Manifest[];
  record: OpenRecord | undefined;
}

export interface ResolvedDeployments {
  parts: readonly DeploymentManifests[];
  /** Errors of deployments that the record has, that the run reaches, and that can't be seen or read. */
  unknown: readonly UnknownDeploymentError[];
  /** Names in `leaving` that neither the fleet nor the record has, or ever had. */
  strangers: readonly Mistake[];
}

/** True when a run reaches all that the files name, or all that there is. */
export function reachesAll({ selection, manifests }: Pick<Resolving, "selection" | "manifests">): boolean {
  return selection.allDeployments || (!selectsDeployments(selection) && manifests.every(hasTargets));
}

/**
 * Adds what the record has elsewhere: deployments that `leaving` names, with nothing desired, and those that a list
 * lacks, which are asked for by one GET each. The record drops its lines of what leaves and can't be seen. Throws as
 * `checkSeen`.
 */
export async function withRecorded(
  context: Context,
  parts: readonly DeploymentManifests[],
  work: Resolving,
): Promise<ResolvedDeployments> {
  const { selection, manifests, record } = work;
  const leaving = new Set(manifests.flatMap((manifest) => manifest.leaving.map(({ ref }) => ref)));
  const isLeaving = ({ deployment_id, name }: Pick<DeploymentSummary, "deployment_id" | "name">) =>
    leaving.has(deployment_id) || leaving.has(name ?? "");
  const withoutLeaving = (all: readonly DeploymentManifests[]) =>
    all.map((part) => (isLeaving(part.target) ? { ...part, manifests: [] } : part));
  if (record === undefined) return { parts: withoutLeaving(parts), unknown: [], strangers: [] };
  const targets = parts.map(({ target }) => target);
  await record.checkSeen(context, { targets, leaving });
  const { found, unknown } = await readElsewhere(context, { ...work, record, leaving, targets });
  const client = await context.client();
  const seen = new Set([...targets, ...found].flatMap(({ deployment_id, name }) => [deployment_id, name]));
  const isThere = (ref: string) => seen.has(ref) || wasListed(client, ref);
  const isWhole = !selectsDeployments(selection) || selection.allDeployments;
  const others = found.filter(
    (each) => !selection.except.matchesDeployment(each) && (selection.allDeployments || isLeaving(each)),
  );
  const all = [
    ...parts,
    ...others.map((each) => ({ target: toTarget(each, { isNamed: false }), manifests })),
  ];
  record.leave(all.flatMap(({ target }) => (isLeaving(target) ? target.deployment_id : [])));
  const isForgotten = ({ isUnseen, deployment_id }: UnknownDeploymentError) =>
    isUnseen && leaving.has(deployment_id);
  for (const error of unknown.filter(isForgotten)) record.forget(error);
  return {
    parts: withoutLeaving(all),
    unknown: unknown.filter((error) => !isForgotten(error)),
    strangers: isWhole ? strangersAmong(manifests, { record, isThere }) : [],
  };
}

/** Finds names in `leaving` that no deployment has, or had when it left: one that can't be seen may be meant. */
function strangersAmong(
  manifests: readonly Manifest[],
  { record, isThere }: { record: OpenRecord; isThere(ref: string): boolean },
): Mistake[] {
  const { left, deploymentIds } = record.contents;
  const unseen = deploymentIds.filter((id) => !isThere(id));
  const has = `${record.file} has ${joinNames(unseen)}, which can't be seen`;
  const hint = unseen.length === 1 ? `${has}: its id leaves it` : `${has}: an id leaves one`;
  return manifests.flatMap((manifest) =>
    manifest.leaving
      .filter(({ ref }) => !isDeploymentId(ref) && !isThere(ref) && left.every(({ name }) => name !== ref))
      .map(({ ref, position }) => ({
        position,
        message: `no deployment is named ${JSON.stringify(ref)}, and none of that name left`,
        suggestion: unseen.length === 0 ? undefined : hint,
      })),
  );
}

interface Elsewhere extends Omit<Resolving, "record"> {
  record: OpenRecord;
  leaving: ReadonlySet<string>;
  targets: readonly DeploymentTarget[];
}

/** Finds deployments beside the targets that `leaving` or the record names, as far as the run reaches them. */
async function readElsewhere(
  context: Context,
  work: Elsewhere,
): Promise<{ found: DeploymentSummary[]; unknown: UnknownDeploymentError[] }> {
  const { selection, record, leaving, targets } = work;
  const { allDeployments, except } = selection;
  // A selection of some deployments lets nothing be done in others.
  if (selectsDeployments(selection) && !allDeployments) return { found: [], unknown: [] };
  const known = new Set(targets.flatMap(({ deployment_id, name }) => [deployment_id, name]));
  const recorded = record.contents.deploymentIds.filter((id) => !known.has(id));
  const isAll = reachesAll(work);
  const client = await context.client();
  const hasNames = [...leaving].some((ref) => !isDeploymentId(ref) && !known.has(ref));
  const isToBeListed = !allDeployments && (hasNames || (isAll && recorded.length > 0));
  const everyone = isToBeListed ? await listDeployments(client, undefined, context.signal) : [];
  const left = everyone.filter(({ deployment_id, name }) => {
    const isMeant =
      leaving.has(name ?? "") || (leaving.has(deployment_id) && recorded.includes(deployment_id));
    return isMeant && !known.has(deployment_id);
  });
  const isListed = (id: string) =>
    leaving.has(id) ? left.some((each) => each.deployment_id === id) : wasListed(client, id);
  const ids = recorded.filter(
    (id) => (isAll || leaving.has(id)) && !isListed(id) && !except.matchesDeployment({ deployment_id: id }),
  );
  const { found, unknown } = await askFor(context, ids);
  return { found: [...left, ...found], unknown };
}

async function askFor(
  context: Context,
  ids: readonly string[],
): Promise<{ found: DeploymentSummary[]; unknown: UnknownDeploymentError[] }> {
  const client = await context.client();
  const { signal } = context;
  const results = await readMany(
    ids.map((deployment_id) => ({ deployment_id })),
    { client, signal, read: ({ deployment_id }) => client.deployments.get(deployment_id, { signal }) },
  );
  signal.throwIfAborted();
  return {
    found: results.flatMap(({ outcome }) => ("value" in outcome ? outcome.value : [])),
    unknown: results.flatMap(({ item, outcome }) =>
      "value" in outcome ? [] : unknownDeployment(context, { ...item, cause: errorOf(outcome) }),
    ),
  };
}
