import { ApiError } from "../api/errors.js";

/** Whether the API refused because the deployment is still provisioning (src/api/README.md, "Errors"). */
export function isNotReady(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409;
}
