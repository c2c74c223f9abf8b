import { type DeploymentTarget, toTarget } from "../../fleet/selection.js";
import { groupBy } from "../group-by.js";
import type { ReadItemSchedule } from "../item-schedule.js";
import { excerpt, type Mistake, Mistakes, positionText, whatIsWrong } from "../mistake.js";
import type { InstructionFiles } from "../read/instructions.js";
import type { Manifest, ManifestItem } from "../read/manifest.js";
import type { Template } from "../values/variables.js";
import { type DesiredItems, desiredFor, needsDeployment } from "./desired-items.js";
import type { ListingOptions } from "./listing.js";

export interface DeploymentManifests {
  target: DeploymentTarget;
  manifests: readonly Manifest[];
}

export interface DesiredState {
  target: DeploymentTarget;
  desired: DesiredItems;
}

interface DesiredOptions extends ListingOptions {
  readSchedule: ReadItemSchedule;
  instructionFiles: InstructionFiles;
  showsValues?: boolean;
}

/**
 * Expands each deployment's variables, and reads deployments of which more than the id is needed. At the end throws
 * ManifestError for all mistakes, equal ones of several deployments once.
 */
export async function readDesired(
  parts: readonly DeploymentManifests[],
  options: DesiredOptions,
): Promise<DesiredState[]> {
  const found: { mistake: Mistake; target: DeploymentTarget }[] = [];
  const states: DesiredState[] = [];
  for (const part of parts) {
    const target = await knownTarget(part, options);
    const { desired, mistakes } = await desiredAsKnown({ ...part, target }, options);
    states.push({ target, desired });
    found.push(...mistakes.all.map((mistake) => ({ mistake, target })));
  }
  const mistakes = new Mistakes();
  const alike = groupBy(found, ({ mistake }) => `${positionText(mistake.position)} ${whatIsWrong(mistake)}`);
  for (const [first, ...others] of alike.values()) {
    if (first === undefined) continue;
    const { mistake, target } = first;
    const more =
      others.length === 0 ? "" : ` and ${others.length} more deployment${others.length === 1 ? "" : "s"}`;
    mistakes.add({ ...mistake, message: `in ${excerpt(target.name)}${more}: ${mistake.message}` });
  }
  mistakes.throwIfAny();
  return states;
}

async function knownTarget(
  { target, manifests }: DeploymentManifests,
  { client, signal }: ListingOptions,
): Promise<DeploymentTarget> {
  if (target.customer_id !== undefined || !needsDeployment(manifests)) return target;
  return toTarget(await client.deployments.get(target.deployment_id, { signal }), target);
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
      const { audience, instructions: template, instructionsFolder: folder } = item;
      if (!template || folder === undefined || audience.rankFor(values) === undefined) continue;
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
