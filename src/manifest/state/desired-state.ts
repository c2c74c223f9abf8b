import { setImmediate as nextTurn } from "node:timers/promises";
import { didYouMeanOne } from "../../errors/near-misses.js";
import { globMatcher } from "../../fleet/exclusions.js";
import { errorOf } from "../../fleet/outcome.js";
import { isDeploymentId } from "../../fleet/refs.js";
import { type DeploymentTarget, toTarget } from "../../fleet/selection.js";
import { groupBy } from "../group-by.js";
import type { ReadItemSchedule } from "../item-schedule.js";
import { excerpt, type FilePosition, type Mistake, Mistakes, positionText, whatIsWrong } from "../mistake.js";
import type { InstructionFiles } from "../read/instructions.js";
import type { Manifest, ManifestItem } from "../read/manifest.js";
import type { ManifestSet } from "../read/manifest-set.js";
import { type AudienceRef, deploymentValues, type Template } from "../values/variables.js";
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
 * Expands each deployment's variables, and reads deployments if their id isn't enough, several at once. At the end
 * throws ManifestError with all mistakes, those repeated by several deployments once.
 */
export async function readDesired(
  parts: readonly DeploymentManifests[],
  options: DesiredOptions,
): Promise<DesiredState[]> {
  const found: { mistake: Mistake; target: DeploymentTarget }[] = [];
  const states: DesiredState[] = [];
  const read = await readUnknown(parts, options);
  for (const [at, part] of parts.entries()) {
    // A large fleet takes long, and Ctrl-C has to be noticed.
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

/** Reads deployments whose id isn't enough. Throws the error of the first failed read. */
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

/** Returns the known part of a deployment's desired state, without its mistakes. */
async function desiredAsKnown(
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

interface OfflineStates {
  /** States: one for each named deployment, and one for all others. */
  named: DesiredState[];
  /** States for each deployment and customer that `for` or `not` names; some may also be in `named`. */
  supposed: DesiredState[];
}

type Known = Pick<ManifestSet, "readSchedule" | "instructionFiles">;

/**
 * Expands variables by ids, names and customers alone, and omits others. `flags`: deployments that replace the
 * files'. Throws ManifestError for mistakes in sufficiently known deployments.
 */
export async function readOfflineStates(
  manifests: readonly Manifest[],
  { flags, ...known }: Known & { flags: readonly string[] },
): Promise<OfflineStates> {
  const mistakes = new Mistakes();
  const named: DesiredState[] = [];
  for (const ofDeployment of manifestsOf(manifests, flags))
    named.push(await stateOf(ofDeployment, { ...known, mistakes }));
  const supposed: DesiredState[] = [];
  for (const target of supposedTargets(manifests)) {
    supposed.push(await stateOf({ target, manifests }, { ...known, mistakes }));
  }
  mistakes.throwIfAny();
  return { named, supposed };
}

async function stateOf(
  ofDeployment: DeploymentManifests,
  { mistakes, ...known }: Known & { mistakes: Mistakes },
): Promise<DesiredState> {
  const { desired, mistakes: found } = await desiredAsKnown(ofDeployment, known);
  const isKnown = ofDeployment.target.isNamed && !needsDeployment(ofDeployment.manifests);
  if (isKnown) mistakes.addAll(found);
  return { target: ofDeployment.target, desired };
}

/** Stands for an unknown deployment: no text is empty with its variables. */
const anyone: DeploymentTarget = {
  deployment_id: "dep_",
  name: anyDeployment,
  customer_id: "cus_",
  isNamed: false,
};

function manifestsOf(manifests: readonly Manifest[], flags: readonly string[]): DeploymentManifests[] {
  if (flags.length > 0) return flags.map((ref) => ({ target: targetOf(ref), manifests }));
  const pairs = manifests.flatMap((manifest) => {
    const targets = manifest.deployments?.map(({ ref }) => targetOf(ref)) ?? [anyone];
    return targets.map((target) => ({ target, manifest }));
  });
  const groups = groupBy(pairs, ({ target }) => target.deployment_id);
  return [...groups.values()].flatMap((group) => {
    const target = group[0]?.target;
    return target === undefined ? [] : [{ target, manifests: group.map(({ manifest }) => manifest) }];
  });
}

/** Accepts a name in place of the id. */
function targetOf(ref: string): DeploymentTarget {
  return { deployment_id: ref, name: ref, customer_id: "cus_", isNamed: true };
}

/** Makes a target for each deployment and customer that a `for` or `not` names; a glob is its own name. */
function supposedTargets(manifests: readonly Manifest[]): DeploymentTarget[] {
  const refs = refsOf(manifests);
  const named = (kind: AudienceRef["kind"]) =>
    new Set(refs.filter((each) => each.kind === kind).map(({ ref }) => ref));
  return [
    ...[...named("deployment")].map((ref) => ({ ...targetOf(ref), isNamed: false })),
    ...[...named("customer")].map((customer_id) => ({ ...anyone, name: customer_id, customer_id })),
  ];
}

/** Lists all names in the `for` and `not` of manifests and values, each position once. */
function refsOf(manifests: readonly Manifest[]): AudienceRef[] {
  const audiences = manifests.flatMap(({ audience: whole, items, expander }) => [
    whole,
    ...items.map(({ audience }) => audience),
    ...expander.layers.audiences,
  ]);
  const refs = [...new Set(audiences)].flatMap(({ refs }) => refs);
  return [...new Map(refs.map((ref) => [positionText(ref.position), ref])).values()];
}

/** Notes about refs in `for` and `not` that don't match any of the deployments, whose names and customers are known. */
export function unmatchedRefs(
  manifests: readonly Manifest[],
  targets: readonly DeploymentTarget[],
): { position: FilePosition; text: string }[] {
  const ids = new Set(targets.map(({ deployment_id }) => deployment_id));
  const customers = new Set(targets.map(({ customer_id }) => customer_id));
  const names = targets.map(({ name }) => name);
  return refsOf(manifests).flatMap(({ kind, ref, position }) => {
    const isCustomer = kind === "customer";
    const isId = isCustomer || isDeploymentId(ref);
    const isMatched = isId ? (isCustomer ? customers : ids).has(ref) : names.some(globMatcher(ref));
    if (isMatched) return [];
    const known = isCustomer ? [...customers].filter((each) => each !== undefined) : isId ? [...ids] : names;
    const verb = isCustomer ? "has" : "matches";
    const message = `${kind} ${excerpt(ref)} ${verb} none of the selected deployments`;
    return [{ position, text: whatIsWrong({ message, suggestion: didYouMeanOne(ref, known) }) }];
  });
}
