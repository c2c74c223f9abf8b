import { type ExitCode, exitCodes, OutcomeUnknownError, PartialFailureError } from "../errors.js";
import type { ItemResult, Outcome } from "./execute.js";

/** How many results of each kind. */
export type Counts = Record<Outcome<unknown>["result"], number>;

export function countOutcomes(results: readonly ItemResult<unknown, unknown>[]): Counts {
  const counts: Counts = { done: 0, unchanged: 0, failed: 0, unknown: 0, skipped: 0 };
  for (const { outcome } of results) counts[outcome.result] += 1;
  return counts;
}

export interface FailureReading {
  exitCodeOf(error: unknown): ExitCode;
  /** What to do next, for the hint. */
  hint?: string;
}

/**
 * The error that a command of many items ends with (src/README.md, "Exit codes"), or undefined if nothing failed: of
 * one item its own, 12 if any outcome is unknown, the key's where every item that was tried failed so, else 8. An
 * interruption isn't looked at: that is the signal's reason.
 */
export function failureOf(
  results: readonly ItemResult<unknown, unknown>[],
  { exitCodeOf, hint }: FailureReading,
): unknown {
  const errors = results.flatMap(({ outcome }) => ("error" in outcome ? [outcome.error] : []));
  const [first] = errors;
  if (errors.length === 0) return undefined;
  const tried = results.filter(({ outcome }) => outcome.result !== "skipped").length;
  const isKeyRefused =
    errors.length === tried && errors.every((error) => exitCodeOf(error) === exitCodes.auth);
  if (results.length === 1 || isKeyRefused) return first;
  const { unknown, failed } = countOutcomes(results);
  const details = { cause: first, ...(hint === undefined ? {} : { hint }) };
  if (unknown > 0)
    return new OutcomeUnknownError(
      `the outcome of ${unknown} of ${results.length} is unknown${failed > 0 ? `, ${failed} failed` : ""}`,
      details,
    );
  return new PartialFailureError(`${failed} of ${results.length} failed`, details);
}
