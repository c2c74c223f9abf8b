import { ApiError } from "../api/errors.js";
import { type ErrorDetails, NotPossibleError } from "../errors.js";

/** A deployment that isn't ready yet, or broken (6). */
export class UnreadyError extends NotPossibleError {
  constructor(
    message: string,
    readonly isBroken: boolean,
    details?: ErrorDetails,
  ) {
    super(message, details);
  }
}

/** True also for the API's own refusal (src/api/README.md, "Errors"). */
export function isNotReady(error: unknown): boolean {
  return error instanceof UnreadyError || (error instanceof ApiError && error.status === 409);
}

export function unreadiness(isBroken: boolean): string {
  return isBroken ? "is broken (status: error)" : "isn't ready";
}
