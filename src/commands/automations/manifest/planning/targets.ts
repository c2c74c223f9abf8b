import type { DeploymentSummary } from "../../../../api/types.js";
import type { Context } from "../../../../context.js";
import { errorOf } from "../../../../fleet/outcome.js";
import { readMany } from "../../../../fleet/read-many.js";
import { isDeploymentId } from "../../../../fleet/refs.js";
import {
  type DeploymentTarget,
  listDeployments,
  type Selection,
  selectDeployments,
  selectsDeployments,
  toTarget,
  wasListed,
} from "../../../../fleet/selection.js";
import type { Mistake } from "../../../../manifest/mistake.js";
import type { Manifest } from "../../../../manifest/read/manifest.js";
import { needsDeployment } from "../../../../manifest/state/desired-items.js";
import type { DeploymentManifests } from "../../../../manifest/state/desired-state.js";
import { findFileTargets, hasTargets } from "../../../../manifest/state/file-targets.js";
import {
  type UnknownDeploymentError,
  unknownDeployment,
} from "../../../../operations/rows/unknown-deployment.js";
import { resolveDeployment } from "../../../../operations/selection/resolve-deployment.js";
import { joinNames } from "../../../../output/count.js";
import type { OpenRecord } from "../record/open-record.js";

interface Resolving {
  selection: Selection;
  manifests: readonly Manifest[];
  record: OpenRecord | undefined;
}

interface ResolvedDeployments {
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
 * Decides which manifests go to which deployment: all to those that flags choose; else each to its own
 * `deployments`, one without to the deployment in use (src/manifest/README.md). Adds what the record has elsewhere:
 * deployments that `leaving` names, with nothing desired, and those that a list lacks, which are asked for by one GET each.
 * The record drops its lines of what leaves and can't be seen. Throws as `findFileTargets` and `checkSeen`.
 */
export async function resolveManifests(context: Context, work: Resolving): Promise<ResolvedDeployments> {
  const { selection, manifests, record } = work;
  const parts = await partsOf(context, work);
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

async function partsOf(
  context: Context,
  work: Pick<Resolving, "selection" | "manifests">,
): Promise<DeploymentManifests[]> {
  const { selection, manifests } = work;
  if (selectsDeployments(selection)) {
    const targets = await selectDeployments(await context.client(), selection, context.signal);
    return targets.map((target) => ({ target, manifests }));
  }
  const ofFiles = await targetsOfFiles(context, work);
  const others = manifests.filter((manifest) => !ofFiles.has(manifest) && desiresAny(manifest));
  const chosen = others.length === 0 ? [] : await selectChosen(context, selection);
  const parts = new Map<string, { target: DeploymentTarget; manifests: Manifest[] }>();
  for (const manifest of manifests) {
    for (const target of ofFiles.get(manifest) ?? (others.includes(manifest) ? chosen : [])) {
      const part = parts.get(target.deployment_id);
      part?.manifests.push(manifest);
      if (part === undefined) parts.set(target.deployment_id, { target, manifests: [manifest] });
    }
  }
  return [...parts.values()];
}

/** False for one that only says who leaves. */
function desiresAny({ items, removed, leaving }: Manifest): boolean {
  return items.length + removed.length > 0 || leaving.length === 0;
}

async function targetsOfFiles(
  context: Context,
  { selection: { except }, manifests }: Pick<Resolving, "selection" | "manifests">,
): Promise<Map<Manifest, DeploymentTarget[]>> {
  if (!manifests.some(hasTargets)) return new Map();
  const isReadWhole = except.values.length > 0 || needsDeployment(manifests);
  const { signal } = context;
  const found = await findFileTargets(manifests, { client: await context.client(), signal, isReadWhole });
  const isLeft = ({ deployment_id, name, customer_id }: DeploymentTarget) =>
    !except.matches({ deployment_id, deployment_name: name, customer_id });
  return new Map([...found].map(([manifest, targets]) => [manifest, targets.filter(isLeft)]));
}

async function selectChosen(context: Context, selection: Selection): Promise<DeploymentTarget[]> {
  const deployments = [await resolveDeployment(context, { mayBeMany: true })];
  return selectDeployments(await context.client(), { ...selection, deployments }, context.signal);
}

/** Finds names in `leaving` that no deployment has, or had when it left: one that can't be seen may be meant. */
function strangersAmong(
  manifests: readonly Manifest[],
  { record, isThere }: { record: OpenRecord; isThere(ref: string): boolean },
): Mistake[] {
  const { left, deploymentIds } = record.contents;
  const unseen = deploymentIds.filter((id) => !isThere(id));
  const has = `${record.file} has ${joinNames(unseen)}, which can't be seen`;
  const hint = unseen.length === 1 ? `${has}: name it by id` : `${has}: name one by id`;
  return manifests.flatMap((manifest) =>
    manifest.leaving
      .filter(({ ref }) => !isDeploymentId(ref) && !isThere(ref) && left.every(({ name }) => name !== ref))
      .map(({ ref, position }) => ({
        position,
        message: `no deployment is or was named ${JSON.stringify(ref)}`,
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
