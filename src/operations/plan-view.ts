/** How a plan is shown, and the question about it. */

import type { Context } from "../context/context.js";
import type { Prompts } from "../context/prompts.js";
import { DeclinedError, type Hint, UsageError } from "../errors/cli-errors.js";
import type { Candidate } from "../incident/scope.js";
import { counted, limitLines } from "../output/count.js";
import type { RenderOptions } from "../output/printer.js";
import { safe } from "../output/safe.js";
import { factSeparator } from "../output/style.js";
import { fold, foldParts } from "../output/text/fold.js";
import { moveParts } from "../schedule/frequency.js";
import type { Operation, Plan, PlanView } from "./operation.js";
import { rowLines, unreadableLines } from "./rows/names.js";
import { type Fate, reachLine } from "./rows/reach.js";
import { countDeployments, countRows } from "./rows/result-rows.js";
import { silenceHint } from "./selection/selection-flags.js";

export async function renderOperationPlan<Item, Answer>(
  operation: Operation<Item, Answer>,
  { view, ...plan }: Plan<Item> & { view: PlanView },
  look: RenderOptions,
): Promise<string> {
  const { style, width } = look;
  const { items, unsentRows, names, unreadable } = plan;
  const line = (text: string) => fold(safe(text, "cell"), width);
  const failed = unsentRows.filter(({ result }) => result === "failed");
  const unknown = unsentRows.filter(({ result }) => result === "unknown");
  const waitHint = silenceHint(unreadable);
  const isOneLine =
    items.length + unreadable.length === 0 && unsentRows.every(({ result }) => result === "unchanged");
  return `${[
    ...(view.target === undefined || (isOneLine && view.lead === undefined)
      ? []
      : [style.bold(line(view.target))]),
    ...(view.reach === undefined ? [] : [line(reachLine(view.reach, fateOf(operation)))]),
    ...(view.lead ?? []).map(line),
    foldParts(countParts(operation, { ...plan, view }, style), { width, separator: factSeparator(style) }),
    ...(view.body === undefined ? nameLines(operation, plan).map(line) : await view.body(look)),
    ...rowLines(
      unsentRows.filter(({ result }) => result === "skipped"),
      names,
      "skipped",
    ).map((text) => line(text)),
    ...rowLines(failed, names, operation.words.cant ?? "can't be read").map((text) =>
      style.failing(line(text)),
    ),
    ...rowLines(unknown, names, "unknown").map((text) => style.failing(line(text))),
    ...unreadableLines(unreadable, names).map((text) => style.failing(line(text))),
    ...(waitHint === undefined ? [] : [line(waitHint)]),
  ].join("\n")}\n`;
}

function fateOf({ words }: Pick<Operation<unknown, unknown>, "words">): Fate {
  return words.done === "paused" ? "go on" : "not changed";
}

const mostNamed = 20;

function nameLines<Item, Answer>(
  { words, subject }: Operation<Item, Answer>,
  { items, names }: Pick<Plan<Item>, "items" | "names">,
): string[] {
  const lines = names.groups(items.map(subject)).map(({ what }) => `  ${words.verb.toLowerCase()}: ${what}`);
  return limitLines(lines, mostNamed);
}

function countParts<Item, Answer>(
  { words, subject, move }: Operation<Item, Answer>,
  { items, unsentRows, view, unreadable }: Plan<Item> & { view: PlanView },
  { isInWords }: RenderOptions["style"],
): string[] {
  const where = counted(countDeployments(items.map(subject)), "deployment");
  const unchanged = countRows(unsentRows, "unchanged");
  const skipped = countRows(unsentRows, "skipped");
  const toDo = words.verb.toLowerCase();
  const unknown = countRows(unsentRows, "unknown");
  const failed = words.cant === undefined ? countRows(unsentRows, "failed") : 0;
  const isUnread = unknown + failed + unreadable.length > 0;
  const nothing = `nothing to ${toDo}${isUnread ? " among those read" : ""}`;
  return [
    items.length === 0
      ? nothing
      : `${counted(items.length, words.noun ?? "automation")} to ${toDo} in ${where}`,
    ...(unchanged > 0 ? [`${unchanged} ${words.unchanged ?? "unchanged"}`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ...(unknown > 0 ? [`${unknown} unknown`] : []),
    ...(view.counts ?? []),
    ...(move === undefined ? [] : moveParts(items.map(move), isInWords)),
  ];
}

/** Throws UsageError if a question is needed but can't be asked. `what`: `pausing a selection`. */
export function requireInteractive(
  { io }: Pick<Context, "io">,
  what: string,
  hint: Hint = "--dry-run shows what it would do",
): void {
  if (io.canPrompt) return;
  throw new UsageError(`${what} needs --yes when herm can't ask`, { hint });
}

/**
 * Asks for confirmation, with the number of items, unless the plan has its own question; doesn't ask if there is
 * nothing to do. Throws DeclinedError.
 */
export async function confirmPlan(
  prompts: Prompts,
  verb: string,
  { items, question }: { items: readonly Candidate[]; question: string | undefined },
): Promise<void> {
  if (items.length === 0 && question === undefined) return;
  const where = counted(countDeployments(items), "deployment");
  const message = question ?? `${verb} ${counted(items.length, "automation")} in ${where}?`;
  if (!(await prompts.confirm({ message, default: false }))) throw new DeclinedError();
}
