import { exitCodes, OutcomeUnknownError, PartialFailureError, UnrecordedError } from "../errors.js";
import { exitCodeOf } from "../exit-code.js";
import type { ItemResult, Stop } from "./execute.js";
import { reachOf } from "./refusal.js";

/** Why the key is refused, where that is how every item failed that was tried. */
export function keyRefusal(results: readonly ItemResult<unknown, unknown>[]): unknown {
  const errors = errorsOf(results);
  const tried = results.filter(({ outcome }) => outcome.result !== "skipped").length;
  return errors.length === tried && errors.every((error) => exitCodeOf(error) === exitCodes.auth)
    ? errors[0]
    : undefined;
}

/** What keeps anything else from being started that the same key would send; undefined where nothing does. */
export function keyStop(results: readonly ItemResult<unknown, unknown>[]): Stop | undefined {
  const isRefused = (error: unknown) => reachOf(error) === "everything";
  const cause = keyRefusal(results) ?? errorsOf(results).find(isRefused);
  return cause === undefined ? undefined : { reason: "key refused", cause };
}

/** Why nothing can be recorded, where that is how every item failed. */
function recordRefusal(results: readonly ItemResult<unknown, unknown>[]): unknown {
  const errors = errorsOf(results);
  return errors.length === results.length && errors.every((error) => error instanceof UnrecordedError)
    ? errors[0]
    : undefined;
}

/**
 * The error that a command of many items ends with (src/commands/README.md, "Exit codes"), or undefined if nothing failed: of
 * one item its own, 12 if any outcome is unknown, the key's where every item that was tried failed so, else 8. An
 * interruption isn't looked at: that is the signal's reason. `hint`: what to do next.
 */
export function failureOf(results: readonly ItemResult<unknown, unknown>[], hint?: string): unknown {
  const [first] = errorsOf(results);
  if (first === undefined) return notBegun(results, hint);
  if (results.length === 1) return first;
  const refusal = keyRefusal(results) ?? recordRefusal(results);
  if (refusal !== undefined) return refusal;
  const unknown = results.filter(({ outcome }) => outcome.result === "unknown").length;
  const failed = results.filter(({ outcome }) => outcome.result === "failed").length;
  const details = { cause: first, hint };
  if (unknown > 0)
    return new OutcomeUnknownError(
      `the outcome of ${unknown} of ${results.length} is unknown${failed > 0 ? `, ${failed} failed` : ""}`,
      details,
    );
  return new PartialFailureError(`${failed} of ${results.length} failed`, details);
}

/** What was given up although nothing failed: all that was tried was found to be done in the end. */
function notBegun(results: readonly ItemResult<unknown, unknown>[], hint?: string): unknown {
  const left = results.filter(
    ({ outcome }) => outcome.result === "skipped" && outcome.reason !== "interrupted",
  ).length;
  if (left === 0) return undefined;
  return new PartialFailureError(`${left} of ${results.length} not begun`, { hint });
}

function errorsOf(results: readonly ItemResult<unknown, unknown>[]): unknown[] {
  return results.flatMap(({ outcome }) => ("error" in outcome ? [outcome.error] : []));
}
