import { ApiError } from "../api/errors.js";

/**
 * How far a refusal reaches beyond the item that it met: 401 is said of the key, 402 and 403 of the deployment. Undefined
 * for any other error.
 */
export function reachOf(error: unknown): "everything" | "deployment" | undefined {
  if (!(error instanceof ApiError)) return undefined;
  if (error.status === 401) return "everything";
  return error.status === 402 || error.status === 403 ? "deployment" : undefined;
}
