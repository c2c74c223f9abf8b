/** The error that an operation ends with, chosen by its failures. */

import type { HermClient } from "../../api/client.js";
import { AmbiguousError, HermError } from "../../api/errors.js";
import type { Context } from "../../context/context.js";
import {
  type CliError,
  type ErrorDetails,
  exitCodes,
  type Hint,
  InterruptedError,
  OutcomeUnknownError,
  PartialFailureError,
  UnrecordedError,
} from "../../errors/cli-errors.js";
import { exitCodeOf } from "../../errors/exit-code.js";
import { errorOf, errorsOf, type ItemResult, isOutage, keyRefusal, stopsOf } from "../../fleet/outcome.js";
import type { DeploymentReading } from "../../fleet/read-fleet.js";
import { messageOf } from "../../invocation/report-error.js";
import { counted } from "../../output/count.js";
import type { Printer } from "../../output/printer.js";
import { factSeparator } from "../../output/style.js";
import { foldParts } from "../../output/text/fold.js";
import { formatLocalClock, formatRfc3339 } from "../../output/time.js";
import { countRows, type DoneResult, type FleetRow, unreached } from "./result-rows.js";

/** Throws an outcome's error (src/commands/README.md, "Exit codes"): the signal's, 7 for an outage, 3, 12 or 8. */
export function throwExitError(context: Pick<Context, "signal">, ending: EndedOperation): void {
  const { rows, results, isSingle, hint } = ending;
  if (context.signal.aborted) throw interruption(context.signal, ending);
  // A deployment that can't be locked causes one error for all its items.
  const endings = new Set(results.map(({ outcome }) => ("error" in outcome ? outcome.error : outcome)));
  const errors = errorsOf(results);
  const isOwnError = isSingle && endings.size === 1;
  const outage = outageError(ending);
  if (outage !== undefined && !isOwnError) throw outage;
  if (isOwnError && errors.length > 0) throw errors[0];
  const isUnrecorded =
    errors.length === results.length && errors.every((error) => error instanceof UnrecordedError);
  const ofAll = keyRefusal(results) ?? (isUnrecorded ? errors[0] : undefined);
  if (ofAll !== undefined) throw ofAll;
  const refused = keyRefused(errors, partlyText(ending), hint);
  if (refused !== undefined) {
    const isUnknown = count(rows, "unknown") > 0;
    throw isUnknown ? new OutcomeUnknownError(...refused) : new PartialFailureError(...refused);
  }
  const { failed: failedMessages = 0, unknown: unknownMessages = 0 } = ending.messages ?? {};
  const unseen = rows.filter(({ isUnseen }) => isUnseen).length;
  const unknown = count(rows, "unknown") - unseen + unknownMessages;
  const failed = count(rows, "failed") + unseen + failedMessages;
  const first = rows.find(({ error }) => error !== undefined)?.error;
  const isOnlyError = rows.filter(({ error }) => error !== undefined).length === 1;
  const why = first === undefined ? "" : `${isOnlyError ? ": " : "; first: "}${first}`;
  if (unknown > 0) {
    const also = failed > 0 ? `, ${failed} failed` : "";
    throw new OutcomeUnknownError(`the outcome of ${unknown} is unknown${also}${why}`, { hint });
  }
  if (failed > 0) throw new PartialFailureError(`${failedText(rows, failedMessages)}${why}`, { hint });
  if (count(rows, "not started") > 0) throw new PartialFailureError(partlyText(ending), { hint });
}

function failedText(rows: readonly FleetRow[], failedMessages: number): string {
  const items = rows.filter(({ automation_id }) => automation_id !== null);
  const unreadable = rows.length - items.length;
  const failed = count(items, "failed") + failedMessages;
  const unseen = count(items, "unknown");
  return [
    ...(failed > 0 ? [`${failed} of ${items.length} failed`] : []),
    ...(unseen > 0 ? [`${unseen} of ${items.length} unknown`] : []),
    ...(unreadable > 0 ? [`${counted(unreadable, "deployment")} can't be read`] : []),
  ].join(", ");
}

function interruption(signal: AbortSignal, ending: EndedOperation): InterruptedError {
  const { reason } = signal;
  const [by, why] = reason instanceof InterruptedError ? [reason.signal, reason.message] : [];
  return new InterruptedError(by, `${why ?? "interrupted"}: ${partlyText(ending)}`, { hint: ending.hint });
}

/**
 * The error for failed reads or plans, or undefined if there are none: a single item's own error, the key's if all
 * failed because of it, or else 8. `hint`: the command for the rest, or a sentence with it.
 */
export function failureOf(results: EndedOperation["results"], hint?: string): unknown {
  const errors = errorsOf(results);
  const [first] = errors;
  if (first === undefined || results.length === 1) return first;
  const refusal = keyRefusal(results);
  if (refusal !== undefined) return refusal;
  const failed = `${errors.length} of ${results.length} failed`;
  return new PartialFailureError(...(keyRefused(errors, failed, hint) ?? [failed, { cause: first, hint }]));
}

/**
 * The text about a key that was refused midway, as the next command would report it; undefined if none was refused.
 * `rest`: the command for the rest.
 */
function keyRefused(
  errors: readonly unknown[],
  done: string,
  rest?: Hint,
): [message: string, details: ErrorDetails] | undefined {
  const cause = errors.find((error) => stopsOf(error) === "everything");
  if (cause === undefined) return undefined;
  const hint: Hint = (herm) => {
    const other = rest && `with another key, ${typeof rest === "string" ? rest : rest(herm)}; `;
    return `${other ?? ""}to see which key is used: ${herm("auth", "status")}`;
  };
  return [`${messageOf(cause)}; ${done}`, { cause, hint }];
}

/** `143 of 371 paused, 226 not started, 2 failed`. */
function partlyText({ rows, done, total }: EndedOperation): string {
  const others = (["not started", "failed", "unknown"] as const).flatMap((result) => {
    const number = countRows(rows, result);
    return number > 0 ? [`${number} ${result}`] : [];
  });
  return [`${countRows(rows, done)} of ${total} ${done}`, ...others].join(", ");
}

function count(rows: readonly FleetRow[], which: FleetRow["result"]): number {
  return rows.filter(({ result }) => result === which).length;
}

/**
 * Prints `371 paused · checked 03:09:41: 0 enabled`: on a terminal as the result, elsewhere as a note beside it.
 * `found`: read after the last change; absent after Ctrl-C.
 */
export async function printCounts(
  printer: Printer,
  { changes, found }: { changes: readonly string[]; found?: { at: Date; what: string } | undefined },
): Promise<void> {
  const { isForPerson } = printer;
  const timeOf = isForPerson ? formatLocalClock : formatRfc3339;
  const parts = found === undefined ? changes : [...changes, `checked ${timeOf(found.at)}: ${found.what}`];
  if (isForPerson)
    await printer.line(foldParts(parts, { width: printer.columns, separator: factSeparator(printer.style) }));
  else printer.note(parts.join(factSeparator(printer.errStyle)));
}

/** The counts, without any 0 except the first: `371 paused`, `2 failed`, `1 deployment not read`. */
export function countsOf(
  rows: readonly FleetRow[],
  words: readonly (readonly [FleetRow["result"], string])[],
): string[] {
  const parts = words.flatMap(([result, word], at) => {
    const number = countRows(rows, result);
    return number > 0 || at === 0 ? [`${number} ${word}`] : [];
  });
  const unreadable = rows.filter(({ automation_id }) => automation_id === null).length;
  return unreadable === 0 ? parts : [...parts, `${counted(unreadable, "deployment")} not read`];
}

export interface EndedOperation {
  done: DoneResult;
  total: number;
  results: readonly ItemResult<unknown, unknown>[];
  rows: readonly FleetRow[];
  hint: Hint;
  messages?: { failed: number; unknown: number } | undefined;
  /** True for one ref and no selection, when the ref's own error is enough. */
  isSingle: boolean;
}

/** Merges all failures due to an outage into one error. Undefined if they are ordinary ones among successes. */
function outageError({ done, total, results, rows, hint }: EndedOperation): CliError | undefined {
  const outage = results.map(({ outcome }) => errorOf(outcome)).find(isOutage);
  const changed = countRows(rows, done);
  const isWhole = changed === 0 || rows.some(isUnreached);
  if (outage === undefined || !isWhole) return undefined;
  const why = messageOf(outage instanceof AmbiguousError ? outage.cause : outage);
  const unknown = countRows(rows, "unknown");
  const isKnown = unknown === 0 ? "" : `, ${unknown} unknown`;
  const partly = `${changed} of ${total} ${done}${isKnown}`;
  if (unknown === 0) {
    return new PartialFailureError(`${why}; ${changed === 0 ? `nothing was ${done}` : partly}`, { hint });
  }
  const what = changed === 0 ? `some may have been ${done}: run the same command again` : partly;
  return new OutcomeUnknownError(`${why}; ${what}`, { hint });
}

function isUnreached({ reason, automation_id, isOutage: isOfOutage }: FleetRow): boolean {
  return reason === unreached || (automation_id === null && isOfOutage === true);
}

/** True if, as far as known, an outage prevented everything, so that its error is enough. */
export function isWholeOutage(ended: EndedOperation): boolean {
  return countRows(ended.rows, ended.done) === 0 && outageError(ended) !== undefined;
}

/**
 * If the API no longer responds at all, throws the outage's error for a deployment that couldn't be read. A single
 * failing deployment must not stop the others.
 */
export async function throwOutage(
  readings: readonly DeploymentReading[],
  { client, signal }: { client: HermClient; signal: AbortSignal },
): Promise<void> {
  const unreachable = readings.find(({ error }) => isOutage(error));
  if (unreachable === undefined) return;
  const [read] = readings.filter(({ error }) => error === undefined);
  const isThere =
    read !== undefined &&
    (await client.deployments.get(read.deployment.deployment_id, { signal }).then(
      () => true,
      () => false,
    ));
  signal.throwIfAborted();
  if (!isThere) throw unreachable.error;
}

/** Adds "nothing was paused" to the error of an unreachable API if no change was sent, or none had an effect. */
export function withNothingDone(error: unknown, done: DoneResult): unknown {
  if (error instanceof HermError && exitCodeOf(error) === exitCodes.unreachable)
    error.aftermath = `nothing was ${done}`;
  return error;
}
