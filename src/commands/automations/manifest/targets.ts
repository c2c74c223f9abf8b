import type { Context } from "../../../context.js";
import {
  type DeploymentTarget,
  type Selection,
  selectDeployments,
  selectsDeployments,
} from "../../../fleet/selection.js";
import type { Manifest } from "../../../manifest/read.js";
import type { Part } from "../../../manifest/wishes.js";
import { resolveDeployment } from "../../targets/deployment.js";

/**
 * Which manifests go to which deployment: all of them to those that flags choose; else each to its own `deployments`,
 * one without to the deployment otherwise chosen (src/manifest/README.md).
 */
export async function resolveParts(
  context: Context,
  { selection, manifests }: { selection: Selection; manifests: readonly Manifest[] },
): Promise<Part[]> {
  if (selectsDeployments(selection)) {
    const targets = await selectDeployments(await context.client(), selection, context.signal);
    return targets.map((target) => ({ target, manifests }));
  }
  const refs = [
    ...new Set(manifests.flatMap((manifest) => manifest.deployments ?? []).map(({ ref }) => ref)),
  ];
  const named = await selectNamed(context, { selection, refs });
  const isUnnamedUsed = manifests.some(({ deployments }) => deployments === undefined);
  const chosen = isUnnamedUsed ? await resolveDeployment(context) : undefined;
  const others = chosen === undefined ? [] : await selectNamed(context, { selection, refs: [chosen] });
  const targets = new Map([...others, ...named].map((target) => [target.deploymentId, target]));
  return [...targets.values()].map((target) => ({
    target,
    manifests: manifests.filter(({ deployments }) =>
      deployments === undefined
        ? target.deploymentId === chosen
        : deployments.some(({ ref }) => ref === target.deploymentId || ref === target.name),
    ),
  }));
}

async function selectNamed(
  context: Context,
  { selection, refs }: { selection: Selection; refs: readonly string[] },
): Promise<DeploymentTarget[]> {
  if (refs.length === 0) return [];
  const wanted = { ...selection, deployments: [...refs] };
  return selectDeployments(await context.client(), wanted, context.signal);
}
