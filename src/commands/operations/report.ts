import { PartialFailureError } from "../../errors.js";
import type { ItemResult } from "../../fleet/outcome.js";
import { counted } from "../../output/count.js";
import type { Printer } from "../../output/printer.js";
import { countsOf, printCounts } from "../fleet/ending.js";
import { printRows } from "../fleet/print-rows.js";
import { type FleetRow, itemRow, notDone, unreadableRow } from "../fleet/rows.js";
import type { Operation, OperationWords, Plan } from "./operation.js";

/** The row of an item that was to be sent. */
export function resultRow<Item, Answer>(
  { words, subject, detail }: Operation<Item, Answer>,
  { item, outcome }: ItemResult<Item, Answer>,
): FleetRow {
  const row = itemRow(subject(item));
  if ("value" in outcome) {
    const result = outcome.result === "done" ? words.done : "unchanged";
    return { ...row, result, ...detail?.(item, outcome) };
  }
  if (outcome.result === "skipped") return { ...row, ...notDone(outcome) };
  // A reason is that of what was planned or done.
  return { ...row, ...detail?.(item, undefined), reason: undefined, ...notDone(outcome) };
}

/** The counts below the rows: `3 updated`, `1 unchanged`. */
export function wordCounts({ done, unchanged }: OperationWords, rows: readonly FleetRow[]): string[] {
  return countsOf(rows, [
    [done, done],
    ["unchanged", unchanged],
    ["left", "left alone"],
    ["failed", "failed"],
    ["unknown", "unknown"],
    ["skipped", "not begun"],
  ]);
}

/** Shows what `--dry-run` found. Throws PartialFailureError where something couldn't be read. */
export async function printDryRun<Item, Answer>(
  printer: Printer,
  operation: Operation<Item, Answer>,
  plan: Plan<Item>,
): Promise<void> {
  const { words, subject, detail } = operation;
  const planned = plan.items.map(
    (item): FleetRow => ({ ...itemRow(subject(item)), ...detail?.(item, undefined), result: "planned" }),
  );
  const rows = [...planned, ...plan.rest, ...plan.unreadable.map(unreadableRow)];
  await printOutcome(printer, operation, { plan, rows });
  const counts = countsOf(rows, [
    ["planned", `to ${words.toDo}`],
    ["unchanged", words.unchanged],
    ["left", "left alone"],
    ["failed", "not read"],
  ]);
  await printCounts(printer, { changes: counts });
  const unread = plan.rest.filter(({ result }) => result === "failed").length;
  const parts = [
    ...(unread > 0 ? [counted(unread, "automation")] : []),
    ...(plan.unreadable.length > 0 ? [counted(plan.unreadable.length, "deployment")] : []),
  ];
  if (parts.length > 0) throw new PartialFailureError(`${parts.join(" and ")} can't be read`);
}

/** The rows, to a person without what the plan has shown, unless every row is wanted. */
export async function printOutcome<Item, Answer>(
  printer: Printer,
  { isSingle }: Operation<Item, Answer>,
  { plan, rows }: { plan: Plan<Item>; rows: readonly FleetRow[] },
): Promise<void> {
  const isShown = plan.view !== undefined && printer.isForPerson && !printer.isVerbose;
  const shown = new Set(isShown ? plan.rest : []);
  await printRows(printer, {
    rows: rows.filter((row) => !shown.has(row)),
    deployments: plan.deployments,
    isSingle,
  });
}
