import { ApiError } from "../api/errors.js";
import { PartialFailureError } from "../errors.js";
import type { DeploymentReading } from "./read-fleet.js";

/** A deployment that is known here, and that this key doesn't see (8). */
export class UnseenError extends PartialFailureError {}

/**
 * Says of each deployment that the account's list lacks, and that answers 403 or 404, that this key doesn't see it. `keys`: what
 * to say of the key.
 */
export function markUnseen(
  readings: readonly DeploymentReading[],
  { everyone, keys }: { everyone: readonly { deployment_id: string }[]; keys: string },
): DeploymentReading[] {
  const listed = new Set(everyone.map(({ deployment_id }) => deployment_id));
  return readings.map((reading) => {
    const { error, deployment } = reading;
    if (listed.has(deployment.deployment_id) || !isUnseen(error)) return reading;
    return { ...reading, error: new UnseenError(`can't be seen with ${keys}`, { cause: error }) };
  });
}

function isUnseen(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 403 || error.status === 404);
}
