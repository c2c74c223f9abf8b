import { PartialFailureError } from "../errors.js";
import { type ItemResult, wentWrong } from "../fleet/outcome.js";
import { counted } from "../output/count.js";
import type { Printer } from "../output/printer.js";
import type { CheckedResults, Operation, OperationWords, Plan } from "./operation.js";
import { countsOf, printCounts } from "./rows/exit-error.js";
import { printRows } from "./rows/print-rows.js";
import { type FleetRow, itemRow, unreadableRow, unsentFields } from "./rows/rows.js";

export function resultRow<Item, Answer>(
  { words, subject, detail }: Pick<Operation<Item, Answer>, "words" | "subject" | "detail">,
  { item, outcome }: ItemResult<Item, Answer>,
): FleetRow {
  const row = itemRow(subject(item));
  if ("value" in outcome) {
    const result = outcome.result === "done" ? words.done : "unchanged";
    return { ...row, result, ...detail?.(item, outcome) };
  }
  if (outcome.result === "skipped") return { ...row, ...unsentFields(outcome) };
  // The reason that `detail` gives is for a change that is planned or done: this one failed or is unknown.
  return { ...row, ...detail?.(item, undefined), reason: undefined, ...unsentFields(outcome) };
}

/** A plan, what came of what was sent, and all rows. */
export interface Sent<Item, Answer> {
  plan: Plan<Item>;
  results: readonly ItemResult<Item, Answer>[];
  rows: readonly FleetRow[];
}

export function operationRows<Item, Answer>(
  operation: Operation<Item, Answer>,
  { plan, results }: Omit<Sent<Item, Answer>, "rows">,
  found: CheckedResults | undefined,
): FleetRow[] {
  return [
    ...(found?.rows ?? results.map((result) => resultRow(operation, result))),
    ...plan.unsentRows,
    ...(found?.unreadable ?? plan.unreadable).map(unreadableRow),
  ];
}

export function wordCounts({ done, unchanged }: OperationWords, rows: readonly FleetRow[]): string[] {
  return countsOf(rows, [
    [done, done],
    ["unchanged", unchanged ?? "unchanged"],
    ...(done === "deleted" ? [] : [["deleted", "deleted"] as const]),
    ["unexpected", "unexpected"],
    ["skipped", "skipped"],
    ["failed", "failed"],
    ["unknown", "unknown"],
    ["not started", "not started"],
  ]);
}

/** Prints what of a dry run its plan hasn't. Throws PartialFailureError where something couldn't be read. */
export async function printDryRun<Item, Answer>(
  printer: Printer,
  operation: Operation<Item, Answer>,
  plan: Plan<Item>,
): Promise<void> {
  const { words, subject, detail } = operation;
  const planned = plan.items.map(
    (item): FleetRow => ({ ...itemRow(subject(item)), ...detail?.(item, undefined), result: "planned" }),
  );
  const rows = [...planned, ...plan.unsentRows, ...plan.unreadable.map(unreadableRow)];
  await printOutcome(printer, operation, { plan, rows, isPlanShown: true });
  const isCounted = plan.view !== undefined && printer.isForPerson;
  const counts = countsOf(rows, [
    ["planned", `to ${words.verb.toLowerCase()}`],
    ["unchanged", words.unchanged ?? "unchanged"],
    ["skipped", "skipped"],
    ["failed", words.cant === undefined ? "not read" : "failed"],
    ["unknown", "unknown"],
  ]);
  const changes = [...(isCounted ? [] : counts), ...(plan.counts ?? [])];
  if (changes.length > 0) await printCounts(printer, { changes });
  const unreadable = plan.unsentRows.filter(wentWrong).length;
  const parts = [
    ...(unreadable > 0 ? [counted(unreadable, "automation")] : []),
    ...(plan.unreadable.length > 0 ? [counted(plan.unreadable.length, "deployment")] : []),
  ];
  if (parts.length > 0)
    throw new PartialFailureError(`${parts.join(" and ")} ${words.cant ?? "can't be read"}`);
}

/** Prints the automation of a single ref where it is as it should be; false where there is more to print. */
export async function printSingle<Item, Answer>(
  { isSingle, printItem, words }: Operation<Item, Answer>,
  { plan, rows, results }: Sent<Item, Answer>,
): Promise<boolean> {
  const [row] = rows;
  if (!isSingle || printItem === undefined || rows.length > 1 || row === undefined) return false;
  const [sent] = results;
  if (sent?.outcome.result === "done" && row.result === words.done) await printItem(sent.item, sent.outcome);
  else if (plan.unchangedItem !== undefined && row.result === "unchanged")
    await printItem(plan.unchangedItem, undefined);
  else return false;
  return true;
}

/** Prints the rows, to a person without what the plan has said. */
export async function printOutcome<Item, Answer>(
  printer: Printer,
  { isSingle, words }: Operation<Item, Answer>,
  { plan, rows, isPlanShown }: Pick<Sent<Item, Answer>, "plan" | "rows"> & { isPlanShown: boolean },
): Promise<void> {
  const { view, unsentRows, deployments } = plan;
  const hasPlan = view !== undefined && printer.isForPerson && !printer.isVerbose;
  const unsent = new Set(isPlanShown ? unsentRows : []);
  // With --quiet too, which leaves the result as it is.
  const isListed = ({ result, reason }: FleetRow) =>
    view?.namesNoItems !== true && (result === "planned" || (result === words.done && reason === undefined));
  const remaining = hasPlan ? rows.filter((row) => !unsent.has(row) && !isListed(row)) : rows;
  await printRows(printer, { rows: remaining, deployments, isSingle, isPlanned: hasPlan });
}
