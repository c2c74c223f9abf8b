import { ApiError } from "../api/errors.js";
import { PartialFailureError } from "../errors.js";
import type { DeploymentReading } from "./read-fleet.js";

/** A deployment that is known here, and that this key doesn't see (8). */
export class UnseenError extends PartialFailureError {}

/**
 * Says of each deployment that the account's list lacks, and that the API refuses, that this key doesn't see it. `keys`: what
 * to say of the key.
 */
export function markUnseen(
  readings: readonly DeploymentReading[],
  { everyone, keys }: { everyone: readonly { deployment_id: string }[]; keys: string },
): DeploymentReading[] {
  const listed = new Set(everyone.map(({ deployment_id }) => deployment_id));
  return readings.map((reading) => {
    const { error, deployment } = reading;
    return listed.has(deployment.deployment_id) ? reading : { ...reading, error: asUnseen(error, keys) };
  });
}

/** True for a proxy's page, whatever its status. */
function isPage({ body = "" }: ApiError): boolean {
  return /^\s*</.test(body);
}

/** Gives an UnseenError for the API's own 403 or 404 of a deployment, and any other error as it is. */
export function asUnseen(error: unknown, keys: string): unknown {
  const isUnseen = error instanceof ApiError && [403, 404].includes(error.status) && !isPage(error);
  return isUnseen ? new UnseenError(`can't be seen with ${keys}`, { cause: error }) : error;
}
