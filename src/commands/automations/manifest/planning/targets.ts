import type { Context } from "../../../../context.js";
import { UsageError } from "../../../../errors.js";
import { unlessGone } from "../../../../fleet/read-many.js";
import { isDeploymentId } from "../../../../fleet/refs.js";
import {
  type DeploymentTarget,
  listDeployments,
  type Selection,
  selectDeployments,
  selectsDeployments,
  toTarget,
} from "../../../../fleet/selection.js";
import type { Manifest } from "../../../../manifest/read/manifest.js";
import { needsDeployment } from "../../../../manifest/state/desired-items.js";
import type { DeploymentManifests } from "../../../../manifest/state/desired-state.js";
import { findFileTargets, hasTargets } from "../../../../manifest/state/file-targets.js";
import { resolveDeployment } from "../../../targets/resolve-deployment.js";
import type { OpenRecord } from "../record/open-record.js";

interface Resolving {
  selection: Selection;
  manifests: readonly Manifest[];
  record: OpenRecord | undefined;
}

/**
 * Decides which manifests go to which deployment: all to those that flags choose; else each to its own `deployments`
 * and `customers`, one without to the deployment in use (src/manifest/README.md). Throws as findFileTargets does.
 */
export async function resolveManifests(context: Context, work: Resolving): Promise<DeploymentManifests[]> {
  const { selection, manifests } = work;
  if (selectsDeployments(selection)) {
    const targets = await selectDeployments(await context.client(), selection, context.signal);
    return withLeaving(
      context,
      targets.map((target) => ({ target, manifests })),
      work,
    );
  }
  const ofFiles = await targetsOfFiles(context, work);
  const others = manifests.filter((manifest) => !ofFiles.has(manifest) && desiresAny(manifest));
  const chosen = others.length === 0 ? [] : await selectChosen(context, selection);
  const parts = new Map<string, { target: DeploymentTarget; manifests: Manifest[] }>();
  for (const manifest of manifests) {
    for (const target of ofFiles.get(manifest) ?? (others.includes(manifest) ? chosen : [])) {
      const part = parts.get(target.deployment_id);
      part?.manifests.push(manifest);
      // A deployment that is named counts as named, also where its customer is a target too.
      if (part === undefined) parts.set(target.deployment_id, { target, manifests: [manifest] });
      else if (target.isNamed) part.target = target;
    }
  }
  return withLeaving(context, [...parts.values()], work);
}

/** False for one that only says who leaves. */
function desiresAny({ items, removed, leaving }: Manifest): boolean {
  return items.length + removed.length > 0 || leaving.length === 0;
}

async function targetsOfFiles(
  context: Context,
  { selection: { except }, manifests }: Resolving,
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

/**
 * Adds the deployments that `leaving` names, with nothing desired, and has the record forget those that are gone.
 * Throws UsageError without a record.
 */
async function withLeaving(
  context: Context,
  parts: readonly DeploymentManifests[],
  { selection, manifests, record }: Resolving,
): Promise<DeploymentManifests[]> {
  const refs = new Set(manifests.flatMap(({ leaving }) => leaving.map(({ ref }) => ref)));
  if (refs.size === 0) return [...parts];
  if (record === undefined) {
    throw new UsageError("leaving: needs a record, and none is named", {
      hint: "record: herm.lock.yaml in a manifest, or --record, names one",
    });
  }
  const isLeaving = ({ target: { deployment_id, name } }: DeploymentManifests) =>
    refs.has(deployment_id) || refs.has(name);
  const found = parts.map((part) => (isLeaving(part) ? { ...part, manifests: [] } : part));
  // A selection of some deployments lets nothing be done in others.
  const reachesAllDeployments = !selectsDeployments(selection) || selection.allDeployments;
  const others = reachesAllDeployments
    ? [...refs].filter(
        (ref) => !parts.some(({ target }) => [target.deployment_id, target.name].includes(ref)),
      )
    : [];
  for (const ref of others) {
    const target = await findTarget(context, ref, record);
    if (target !== undefined) found.push({ target, manifests: [] });
  }
  record.leave(found.filter(isLeaving).map(({ target }) => target.deployment_id));
  return found;
}

/** Gives undefined for one that the record has nothing in. */
async function findTarget(context: Context, ref: string, record: OpenRecord) {
  const client = await context.client();
  const { signal } = context;
  if (!isDeploymentId(ref)) {
    const named = (await listDeployments(client, undefined, signal)).find(({ name }) => name === ref);
    return named && toTarget(named, { isNamed: false });
  }
  const entries = record.contents.entriesOf(ref);
  if (entries.length === 0) return undefined;
  const deployment = await unlessGone(client.deployments.get(ref, { signal }));
  if (deployment === undefined) for (const entry of entries) record.contents.remove(entry);
  return deployment && toTarget(deployment, { isNamed: false });
}
