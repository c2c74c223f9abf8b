import { ApiError } from "../api/errors.js";
import { exitCodes } from "../errors.js";
import { exitCodeOf } from "../exit-code.js";
import type { ItemResult } from "./outcome.js";

/**
 * How far a refusal reaches beyond the item that it met: 401 is said of the key, 402 and 403 of the deployment. Undefined
 * for any other error.
 */
export function reachOf(error: unknown): "everything" | "deployment" | undefined {
  if (!(error instanceof ApiError)) return undefined;
  if (error.status === 401) return "everything";
  return error.status === 402 || error.status === 403 ? "deployment" : undefined;
}

/** Why the key is refused, where that is how every item failed that was tried. */
export function keyRefusal(results: readonly ItemResult<unknown, unknown>[]): unknown {
  const errors = errorsOf(results);
  const tried = results.filter(({ outcome }) => outcome.result !== "skipped").length;
  return errors.length === tried && errors.every((error) => exitCodeOf(error) === exitCodes.auth)
    ? errors[0]
    : undefined;
}

/** What failed with which error. */
export function errorsOf(results: readonly ItemResult<unknown, unknown>[]): unknown[] {
  return results.flatMap(({ outcome }) => ("error" in outcome ? [outcome.error] : []));
}
