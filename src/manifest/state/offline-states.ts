import type { DeploymentTarget } from "../../fleet/selection.js";
import { groupBy } from "../group-by.js";
import { Mistakes } from "../mistake.js";
import type { Manifest } from "../read/manifest.js";
import type { ManifestSet } from "../read/manifest-set.js";
import type { AudienceRef } from "../values/audience.js";
import { refsOf } from "../values/unmatched-refs.js";
import { needsDeployment } from "./desired-items.js";
import {
  anyDeployment,
  type DeploymentManifests,
  type DesiredState,
  desiredAsKnown,
} from "./desired-state.js";

export interface OfflineStates {
  /** States: one for each deployment that is named, and one for all others. */
  named: DesiredState[];
  /** States for each deployment and customer that `for` or `not` names, some perhaps also in `named`. */
  supposed: DesiredState[];
}

type Known = Pick<ManifestSet, "readSchedule" | "instructionFiles">;

/**
 * Expands variables by ids, names and customers alone, and leaves out the rest. `flags`: deployments given in place of
 * the files'. Throws ManifestError for mistakes of deployments that are known enough.
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

/** Takes a name for the id too. */
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
