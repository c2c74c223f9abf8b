import { setImmediate as nextTurn } from "node:timers/promises";
import { errorOf } from "../../fleet/outcome.js";
import { type DeploymentTarget, toTarget } from "../../fleet/selection.js";
import { groupBy } from "../group-by.js";
import type { ReadItemSchedule } from "../item-schedule.js";
import { excerpt, type Mistake, Mistakes, positionText, whatIsWrong } from "../mistake.js";
import type { InstructionFiles } from "../read/instructions.js";
import type { Manifest, ManifestItem } from "../read/manifest.js";
import { deploymentValues, type Template } from "../values/variables.js";
import { type DesiredItems, desiredFor, needsDeployment } from "./desired-items.js";
import { type ReadingOptions, readEach } from "./listing.js";

export interface DeploymentManifests {
  target: DeploymentTarget;
  manifests: readonly Manifest[];
}

/** The name of the target that stands for an unknown deployment. */
export const anyDeployment = "any deployment";

export interface DesiredState {
  target: DeploymentTarget;
  desired: DesiredItems;
}

interface DesiredOptions extends ReadingOptions {
  readSchedule: ReadItemSchedule;
  instructionFiles: InstructionFiles;
  showsValues?: boolean;
}

/**
 * Expands each deployment's variables, and reads deployments of which more than the id is needed, several at once. At
 * the end throws ManifestError for all mistakes, equal ones of several deployments once.
 */
export async function readDesired(
  parts: readonly DeploymentManifests[],
  options: DesiredOptions,
): Promise<DesiredState[]> {
  const found: { mistake: Mistake; target: DeploymentTarget }[] = [];
  const states: DesiredState[] = [];
  const read = await readUnknown(parts, options);
  for (const [at, part] of parts.entries()) {
    // Of a fleet this takes long, and Ctrl-C is to be heard.
    if (at % 100 === 0) await nextTurn();
    options.signal.throwIfAborted();
    const target = read.get(part.target) ?? part.target;
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

/** Reads what more than the id is needed of. Throws the error of the first that can't be read. */
async function readUnknown(
  parts: readonly DeploymentManifests[],
  options: ReadingOptions,
): Promise<Map<DeploymentTarget, DeploymentTarget>> {
  const items = parts.flatMap(({ target, manifests }) =>
    target.customer_id === undefined && needsDeployment(manifests) ? target : [],
  );
  const { client, signal } = options;
  const read = async (target: DeploymentTarget) =>
    toTarget(await client.deployments.get(target.deployment_id, { signal }), target);
  const results = await readEach({ stage: "deployments", items, read }, options);
  return new Map(
    results.map(({ item, outcome }) => {
      if ("value" in outcome) return [item, outcome.value];
      throw errorOf(outcome);
    }),
  );
}

/** The desired state of a deployment by what is known of it, without what is wrong there. */
export async function desiredAsKnown(
  { target, manifests }: DeploymentManifests,
  { instructionFiles, ...options }: Omit<DesiredOptions, keyof ReadingOptions>,
): Promise<{ desired: DesiredItems; mistakes: Mistakes }> {
  const values = deploymentValues(target);
  const mistakes = new Mistakes();
  const fromFiles = new Map<ManifestItem, Template>();
  for (const { items, expander } of manifests) {
    for (const item of items) {
      const { audience, instructions, instructionsFile: file } = item;
      if (!file || instructions !== undefined || audience.rankFor(values) === undefined) continue;
      const path = expander.textFor(file.path, values, mistakes);
      const text = path && (await instructionFiles.read(path, { ...file, expander }, mistakes));
      if (text) fromFiles.set(item, text);
    }
  }
  const desired = desiredFor(manifests, { ...options, values, fromFiles, mistakes });
  return { desired, mistakes };
}
