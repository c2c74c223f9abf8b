import { ApiError, HermError, RateLimitError } from "../api/errors.js";
import { exitCodes } from "../errors.js";
import { exitCodeOf } from "../exit-code.js";
import type { ItemResult } from "./outcome.js";

type Results = readonly ItemResult<unknown, unknown>[];

/**
 * True when something failed because nothing succeeded for as long as requests are sent again
 * (src/api/retry/outage-retry.ts).
 */
export function isOutage(error: unknown): boolean {
  for (let each = error; each instanceof Error; each = each.cause) {
    if (each instanceof HermError && each.tried?.outageMs !== undefined) return true;
  }
  return false;
}

/** True where a request was never sent, since a longer wait was asked of all than it may have. */
export function wasHeldBack(error: unknown): error is RateLimitError {
  return error instanceof RateLimitError && error.tried?.attempts === 0;
}

/** The reach of a refusal: 401 concerns the key, 402 and 403 the deployment. Undefined for any other error. */
export function reachOf(error: unknown): "everything" | "deployment" | undefined {
  if (!(error instanceof ApiError)) return undefined;
  if (error.status === 401) return "everything";
  return error.status === 402 || error.status === 403 ? "deployment" : undefined;
}

/** The error of a key with which everything that was tried was refused. */
export function keyRefusal(results: Results): unknown {
  const errors = errorsOf(results);
  const tried = results.filter(({ outcome }) => outcome.result !== "skipped").length;
  return errors.length === tried && errors.every((error) => exitCodeOf(error) === exitCodes.auth)
    ? errors[0]
    : undefined;
}

export function errorsOf(results: Results): unknown[] {
  return results.flatMap(({ outcome }) => ("error" in outcome ? [outcome.error] : []));
}
