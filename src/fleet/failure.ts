import { ApiError, HermError } from "../api/errors.js";
import {
  exitCodes,
  type Hint,
  OutcomeUnknownError,
  PartialFailureError,
  UnrecordedError,
} from "../errors.js";
import { exitCodeOf } from "../exit-code.js";
import type { ItemResult, Stop } from "./outcome.js";

/** The reason to start nothing else with the same key. */
export function keyStop(results: readonly ItemResult<unknown, unknown>[]): Stop | undefined {
  const isRefused = (error: unknown) => reachOf(error) === "everything";
  const cause = keyRefusal(results) ?? errorsOf(results).find(isRefused);
  return cause === undefined ? undefined : { reason: "key refused", cause };
}

function recordRefusal(results: readonly ItemResult<unknown, unknown>[]): unknown {
  const errors = errorsOf(results);
  return errors.length === results.length && errors.every((error) => error instanceof UnrecordedError)
    ? errors[0]
    : undefined;
}

/**
 * The error that a command of many items ends with (src/commands/README.md, "Exit codes"), or undefined if nothing
 * failed: of one item its own, 12 if any outcome is unknown, the key's where every item that was tried failed so, else
 * 8. An interruption is the signal's reason instead. `hint`: the command that does the rest, or a sentence with it.
 */
export function failureOf(results: readonly ItemResult<unknown, unknown>[], hint?: string): unknown {
  const [first] = errorsOf(results);
  if (first === undefined) return notStarted(results, hint);
  if (results.length === 1) return first;
  const refusal = keyRefusal(results) ?? recordRefusal(results);
  if (refusal !== undefined) return refusal;
  const unknown = results.filter(({ outcome }) => outcome.result === "unknown").length;
  const failed = results.filter(({ outcome }) => outcome.result === "failed").length;
  const stop = keyStop(results);
  const why = stop?.cause instanceof Error ? `${stop.cause.message}; ` : "";
  const details = { cause: first, hint: stop === undefined ? hint : withAnotherKey(hint) };
  if (unknown > 0)
    return new OutcomeUnknownError(
      `${why}the outcome of ${unknown} of ${results.length} is unknown${failed > 0 ? `, ${failed} failed` : ""}`,
      details,
    );
  return new PartialFailureError(`${why}${failed} of ${results.length} failed`, details);
}

/**
 * The hint where the key is refused, as the same command with the same key would be. `rest`: the command that does the
 * rest.
 */
export function withAnotherKey(rest: Hint | undefined): Hint {
  return (herm) => {
    const which = `${herm("auth", "status")} shows which key is used`;
    if (rest === undefined) return which;
    return `${which}; with another key: ${typeof rest === "string" ? rest : rest(herm)}`;
  };
}

function notStarted(results: readonly ItemResult<unknown, unknown>[], hint?: string): unknown {
  const skipped = results.filter(
    ({ outcome }) => outcome.result === "skipped" && outcome.reason !== "interrupted",
  ).length;
  if (skipped === 0) return undefined;
  return new PartialFailureError(`${skipped} of ${results.length} not started`, { hint });
}

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

function errorsOf(results: readonly ItemResult<unknown, unknown>[]): unknown[] {
  return results.flatMap(({ outcome }) => ("error" in outcome ? [outcome.error] : []));
}
