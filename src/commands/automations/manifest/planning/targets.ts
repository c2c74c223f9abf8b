import type { Context } from "../../../../context.js";
import {
  type DeploymentTarget,
  type Selection,
  selectDeployments,
  selectsDeployments,
} from "../../../../fleet/selection.js";
import type { Manifest } from "../../../../manifest/read/manifest.js";
import { needsDeployment } from "../../../../manifest/state/desired-items.js";
import type { DeploymentManifests } from "../../../../manifest/state/desired-state.js";
import { findFileTargets, hasTargets } from "../../../../manifest/state/file-targets.js";
import { resolveDeployment } from "../../../../operations/selection/resolve-deployment.js";
import { type ResolvedDeployments, type Resolving, withRecorded } from "./recorded-deployments.js";

/**
 * Decides which manifests go to which deployment: all to those that flags choose; else each to its own `deployments`
 * and `customers`, one without to the deployment in use (src/manifest/README.md), and what the record has elsewhere. Throws
 * as findFileTargets and withRecorded do.
 */
export async function resolveManifests(context: Context, work: Resolving): Promise<ResolvedDeployments> {
  return withRecorded(context, await partsOf(context, work), work);
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
      // A deployment that is named counts as named, also where its customer is a target too.
      if (part === undefined) parts.set(target.deployment_id, { target, manifests: [manifest] });
      else if (target.isNamed) part.target = target;
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
