import { ApiError } from "../api/errors.js";
import { type ErrorDetails, NotPossibleError } from "../errors.js";

/** A deployment that can't be worked in: it isn't ready yet, or broken (6). */
export class UnreadyError extends NotPossibleError {
  constructor(
    message: string,
    readonly isBroken: boolean,
    details?: ErrorDetails,
  ) {
    super(message, details);
  }
}

/** Whether a deployment isn't ready, or broken: the API refuses what takes one (src/api/README.md, "Errors"). */
export function isNotReady(error: unknown): boolean {
  return error instanceof UnreadyError || (error instanceof ApiError && error.status === 409);
}

/** `isn't ready`, `is broken (status: error)`. */
export function unreadiness(isBroken: boolean): string {
  return isBroken ? "is broken (status: error)" : "isn't ready";
}
