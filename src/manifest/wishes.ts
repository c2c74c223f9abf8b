import type { DeploymentTarget } from "../fleet/selection.js";
import { type Desired, desiredFor, needsDeployment } from "./desired.js";
import type { ReadItemSchedule } from "./item-schedule.js";
import type { ListingOptions } from "./listing.js";
import { ManifestError, type Mistake, placeText } from "./mistake.js";
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
 * for what is wrong with them, over all deployments.
 */
export async function makeWishes(parts: readonly Part[], options: WishOptions): Promise<Wish[]> {
  const wishes: Wish[] = [];
  const mistakes = new Map<string, Mistake>();
  for (const part of parts) {
    try {
      wishes.push(await makeWish(part, options));
    } catch (error) {
      if (!(error instanceof ManifestError)) throw error;
      for (const mistake of error.mistakes)
        mistakes.set(`${placeText(mistake.place)} ${mistake.message}`, mistake);
    }
  }
  if (mistakes.size > 0) throw new ManifestError([...mistakes.values()]);
  return wishes;
}

async function makeWish(
  { target, manifests }: Part,
  { client, readSchedule, signal }: WishOptions,
): Promise<Wish> {
  const isKnown = target.customerId !== undefined || !needsDeployment(manifests);
  const known = isKnown ? target : await described(target, { client, signal });
  const values = {
    "deployment.id": known.deploymentId,
    "deployment.name": known.name,
    "deployment.customer_id": known.customerId ?? "",
  };
  return { target: known, desired: desiredFor(manifests, { values, readSchedule }) };
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
