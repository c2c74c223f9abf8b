import type { Context } from "../../context/context.js";
import {
  type ErrorDetails,
  type Hint,
  InterruptedError,
  OutcomeUnknownError,
  PartialFailureError,
  UnrecordedError,
} from "../../errors/errors.js";
import { errorsOf, keyRefusal, reachOf } from "../../fleet/outcome.js";
import { messageOf } from "../../invocation/report.js";
import { counted } from "../../output/count.js";
import type { Printer } from "../../output/printer.js";
import { factSeparator } from "../../output/style.js";
import { foldParts } from "../../output/text/fold.js";
import { formatLocalClock, formatRfc3339 } from "../../output/time.js";
import { type EndedOperation, outageError } from "./outage.js";
import { countRows, type FleetRow } from "./rows.js";

/** Throws what the exit code asks for (src/commands/README.md, "Exit codes"): the signal's, 7 of an outage, 3, 12 or 8; nothing if all went well. */
export function throwExitError(context: Pick<Context, "signal">, ending: EndedOperation): void {
  const { rows, results, isSingle, hint } = ending;
  if (context.signal.aborted) throw interruption(context.signal, ending);
  // A deployment that can't be locked is one error of all that is in it.
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
  const isAlone = rows.filter(({ error }) => error !== undefined).length === 1;
  const why = first === undefined ? "" : `${isAlone ? ": " : "; first: "}${first}`;
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
 * The error of items that were read or planned, or undefined if nothing failed: of one item its own, the key's where every
 * one failed so, else 8. `hint`: the command that does the rest, or a sentence with it.
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
 * The words of an error where the key was refused midway, as the same command with it would be; else undefined. `rest`: the
 * command that does the rest.
 */
function keyRefused(
  errors: readonly unknown[],
  done: string,
  rest?: Hint,
): [message: string, details: ErrorDetails] | undefined {
  const cause = errors.find((error) => reachOf(error) === "everything");
  if (cause === undefined) return undefined;
  const hint: Hint = (herm) => {
    const which = `${herm("auth", "status")} shows which key is used`;
    if (rest === undefined) return which;
    return `${which}; with another key: ${typeof rest === "string" ? rest : rest(herm)}`;
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
 * Prints `371 paused · checked 03:09:41: 0 enabled`: the result to a person, elsewhere a note beside it. `found`: read
 * after the last change; absent after Ctrl-C.
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

/** The counts that aren't 0, the first always: `371 paused`, `2 failed`, `1 deployment not read`. */
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
