import type { Herm } from "../api/client.js";
import { NotFoundError } from "../api/errors.js";
import type { Automation, AutomationDetail } from "../api/types.js";

export interface ListingOptions {
  client: Herm;
  signal: AbortSignal;
}

/** Every page of a deployment's automations. */
export async function listDeployment(
  deploymentId: string,
  { client, signal }: ListingOptions,
): Promise<Automation[]> {
  const found: Automation[] = [];
  for await (const automation of client.automations.list(deploymentId, { limit: 100 }, { signal })) {
    found.push(automation);
  }
  return found;
}

/** One automation with its instructions; nothing if it is gone by now. */
export async function getIfThere(
  { deploymentId, automationId }: { deploymentId: string; automationId: string },
  { client, signal }: ListingOptions,
): Promise<AutomationDetail | undefined> {
  return unlessGone(client.automations.get(deploymentId, automationId, { signal }));
}

/** What a request gives; nothing where what it is about isn't there any more. */
export async function unlessGone<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}
