import { setImmediate as nextTurn } from "node:timers/promises";
import type { DeploymentTarget } from "../../fleet/selection.js";
import { groupBy } from "../group-by.js";
import type { ReadItemSchedule } from "../item-schedule.js";
import { excerpt, ManifestError, type Mistake, Mistakes, positionText, whatIsWrong } from "../mistake.js";
import type { InstructionFiles } from "../read/instructions.js";
import type { Manifest, ManifestItem } from "../read/manifest-set.js";
import type { Template } from "../values/variables.js";
import { type DesiredItems, desiredFor, isSameForAll, needsDeployment } from "./desired-items.js";
import type { ListingOptions } from "./listing.js";

export interface DeploymentManifests {
  target: DeploymentTarget;
  manifests: readonly Manifest[];
}

export interface DesiredState {
  target: DeploymentTarget;
  desired: DesiredItems;
}

export interface DesiredOptions extends ListingOptions {
  readSchedule: ReadItemSchedule;
  instructionFiles: InstructionFiles;
  showsValues?: boolean;
}

/**
 * Expands each deployment's variables, and reads deployments of which more than the id is needed. At the end throws
 * ManifestError for all mistakes, equal ones of several deployments once. Between deployments other work goes on.
 */
export async function* readDesired(
  parts: readonly DeploymentManifests[],
  options: DesiredOptions,
): AsyncGenerator<DesiredState> {
  const found: { mistake: Mistake; target: DeploymentTarget }[] = [];
  const shared = new Map<readonly Manifest[], DesiredItems | undefined>();
  for (const part of parts) {
    const target = await knownTarget(part, options);
    try {
      const desired = shared.get(part.manifests) ?? (await desiredIn({ ...part, target }, options));
      if (!shared.has(part.manifests))
        shared.set(part.manifests, isSameForAll(part.manifests) ? desired : undefined);
      yield { target, desired };
    } catch (error) {
      if (!(error instanceof ManifestError)) throw error;
      found.push(...error.mistakes.map((mistake) => ({ mistake, target })));
    }
    await nextTurn();
  }
  const mistakes = new Mistakes();
  for (const group of groupBy(
    found,
    ({ mistake }) => `${positionText(mistake.position)} ${whatIsWrong(mistake)}`,
  ).values()) {
    const [first] = group;
    if (first === undefined) continue;
    const { mistake, target } = first;
    const others = group.length === 2 ? "1 more deployment" : `${group.length - 1} more deployments`;
    const more = group.length === 1 ? "" : ` and ${others}`;
    mistakes.add({ ...mistake, message: `in ${excerpt(target.name)}${more}: ${mistake.message}` });
  }
  mistakes.throwIfAny();
}

async function knownTarget(
  { target, manifests }: DeploymentManifests,
  options: ListingOptions,
): Promise<DeploymentTarget> {
  const isKnown = target.customer_id !== undefined || !needsDeployment(manifests);
  return isKnown ? target : readTarget(target, options);
}

async function desiredIn(part: DeploymentManifests, options: DesiredOptions): Promise<DesiredItems> {
  const { desired, mistakes } = await desiredAsKnown(part, options);
  mistakes.throwIfAny();
  return desired;
}

/** The desired state of a deployment by what is known of it, without what is wrong there. */
export async function desiredAsKnown(
  { target, manifests }: DeploymentManifests,
  { instructionFiles, ...options }: Omit<DesiredOptions, keyof ListingOptions>,
): Promise<{ desired: DesiredItems; mistakes: Mistakes }> {
  const values = {
    "deployment.id": target.deployment_id,
    "deployment.name": target.name,
    "deployment.customer_id": target.customer_id ?? "",
  };
  const mistakes = new Mistakes();
  const fromFiles = new Map<ManifestItem, Template>();
  for (const { items, expander } of manifests) {
    for (const item of items) {
      const { audience, instructions: template, pathFrom: folder } = item;
      if (folder === undefined || audience.rankFor(values) === undefined) continue;
      const path = expander.textFor(template, values, mistakes);
      if (path === undefined) continue;
      const file = { path, position: template.position, folder, expander };
      const text = await instructionFiles.read(file, mistakes);
      if (text !== undefined) fromFiles.set(item, text);
    }
  }
  const desired = desiredFor(manifests, { ...options, values, fromFiles, mistakes });
  return { desired, mistakes };
}

async function readTarget(
  target: DeploymentTarget,
  { client, signal }: ListingOptions,
): Promise<DeploymentTarget> {
  const { name, customer_id, status } = await client.deployments.get(target.deployment_id, { signal });
  return {
    ...target,
    name: name ?? target.name,
    customer_id: customer_id ?? undefined,
    status: status ?? undefined,
  };
}
