import type { DeploymentTarget } from "../fleet/selection.js";
import { type Desired, desiredFor, needsDeployment } from "./desired.js";
import { groupBy } from "./group-by.js";
import type { ReadItemSchedule } from "./item-schedule.js";
import type { ListingOptions } from "./listing.js";
import { excerpt, ManifestError, type Mistake, Mistakes, placeText, whatIsWrong } from "./mistake.js";
import type { Manifest } from "./read.js";

/** The manifests that go to one deployment. */
export interface Part {
  target: DeploymentTarget;
  manifests: readonly Manifest[];
}

/** What manifests want in one deployment. */
export interface Wish {
  target: DeploymentTarget;
  desired: Desired;
}

export interface WishOptions extends ListingOptions {
  readSchedule: ReadItemSchedule;
}

/**
 * Fills in each deployment's variables; reads those of which more than the id is used and not known. Throws ManifestError
 * for what is wrong with them, over all deployments: what is wrong alike in several is told once.
 */
export async function makeWishes(parts: readonly Part[], options: WishOptions): Promise<Wish[]> {
  const wishes: Wish[] = [];
  const found: { mistake: Mistake; target: DeploymentTarget }[] = [];
  for (const part of parts) {
    const target = await knownTarget(part, options);
    try {
      wishes.push(makeWish({ ...part, target }, options));
    } catch (error) {
      if (!(error instanceof ManifestError)) throw error;
      found.push(...error.mistakes.map((mistake) => ({ mistake, target })));
    }
  }
  const mistakes = new Mistakes();
  for (const group of groupBy(
    found,
    ({ mistake }) => `${placeText(mistake.place)} ${whatIsWrong(mistake)}`,
  ).values()) {
    const [first] = group;
    if (first === undefined) continue;
    const { mistake, target } = first;
    const more = group.length === 1 ? "" : ` and ${group.length - 1} more deployments`;
    mistakes.add({ ...mistake, message: `in ${excerpt(target.name)}${more}: ${mistake.message}` });
  }
  mistakes.throwIfAny();
  return wishes;
}

async function knownTarget({ target, manifests }: Part, options: ListingOptions): Promise<DeploymentTarget> {
  const isKnown = target.customerId !== undefined || !needsDeployment(manifests);
  return isKnown ? target : described(target, options);
}

function makeWish({ target, manifests }: Part, { readSchedule }: WishOptions): Wish {
  const values = {
    "deployment.id": target.deploymentId,
    "deployment.name": target.name,
    "deployment.customer_id": target.customerId ?? "",
  };
  return { target, desired: desiredFor(manifests, { values, readSchedule }) };
}

async function described(
  target: DeploymentTarget,
  { client, signal }: ListingOptions,
): Promise<DeploymentTarget> {
  const { name, customer_id, status } = await client.deployments.get(target.deploymentId, { signal });
  return {
    ...target,
    name: name ?? target.name,
    customerId: customer_id ?? undefined,
    status: status ?? undefined,
  };
}
