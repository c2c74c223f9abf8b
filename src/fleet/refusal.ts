import { ApiError } from "../api/errors.js";
import { exitCodes } from "../errors.js";
import { exitCodeOf } from "../exit-code.js";
import type { ItemResult } from "./outcome.js";

/** The reach of a refusal: 401 concerns the key, 402 and 403 the deployment. Undefined for any other error. */
export function reachOf(error: unknown): "everything" | "deployment" | undefined {
  if (!(error instanceof ApiError)) return undefined;
  if (error.status === 401) return "everything";
  return error.status === 402 || error.status === 403 ? "deployment" : undefined;
}

export function keyRefusal(results: readonly ItemResult<unknown, unknown>[]): unknown {
  const errors = errorsOf(results);
  const tried = results.filter(({ outcome }) => outcome.result !== "skipped").length;
  return errors.length === tried && errors.every((error) => exitCodeOf(error) === exitCodes.auth)
    ? errors[0]
    : undefined;
}

export function errorsOf(results: readonly ItemResult<unknown, unknown>[]): unknown[] {
  return results.flatMap(({ outcome }) => ("error" in outcome ? [outcome.error] : []));
}
