/** Prints results for many items: rows, counts, and the next steps. */

import type { DeploymentSummary } from "../api/types.js";
import { PartialFailureError } from "../errors/cli-errors.js";
import { type ItemResult, wentWrong } from "../fleet/outcome.js";
import { counted } from "../output/count.js";
import { printList } from "../output/print-list.js";
import type { Printer } from "../output/printer.js";
import type { CheckedResults, Operation, OperationWords, Plan } from "./operation.js";
import { countsOf, printCounts } from "./rows/exit-error.js";
import type { RowLabels } from "./rows/grouped-rows.js";
import { deploymentNames, Names } from "./rows/names.js";
import {
  type FleetRow,
  isDone,
  itemRow,
  refusedThere,
  resultColumns,
  resultDeploymentColumn,
  unreached,
  unreadableRow,
  unsentFields,
  withLocalReason,
} from "./rows/result-rows.js";

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
  // The reason from `detail` is for a planned or completed change, but this one failed or is unknown.
  return { ...row, ...detail?.(item, undefined), reason: undefined, ...unsentFields(outcome) };
}

/** A plan, the results of sending it, and all rows. */
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

/** Prints the parts of a dry run that aren't in its plan. Throws PartialFailureError if a read failed. */
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

/** Prints a single ref's automation if it is in the desired state; returns false if there is more to print. */
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

/** Prints the rows; on a terminal, only those that weren't in the plan. */
export async function printOutcome<Item, Answer>(
  printer: Printer,
  { isSingle, words }: Operation<Item, Answer>,
  { plan, rows, isPlanShown }: Pick<Sent<Item, Answer>, "plan" | "rows"> & { isPlanShown: boolean },
): Promise<void> {
  const { view, unsentRows, deployments } = plan;
  const hasPlan = view !== undefined && printer.isForPerson && !printer.isVerbose;
  const unsent = new Set(isPlanShown ? unsentRows : []);
  // Printed even with --quiet, because it is the result.
  const isListed = ({ result, reason }: FleetRow) =>
    view?.namesNoItems !== true && (result === "planned" || (result === words.done && reason === undefined));
  const remaining = hasPlan ? rows.filter((row) => !unsent.has(row) && !isListed(row)) : rows;
  await printRows(printer, { rows: remaining, deployments, isSingle, isPlanned: hasPlan });
}

interface RowsToPrint {
  rows: readonly FleetRow[];
  /** The deployments in the rows; if there are several, JSON contains `customer_id` and `deployment_name`. */
  deployments?: readonly DeploymentSummary[];
  /** True for one ref without a selection, when JSON is one object. */
  isSingle?: boolean;
  isPlanned?: boolean;
}

/**
 * Prints the rows in the current format. In a pipe: (with several deployments the deployment's id,) name, result, id,
 * why. On a terminal: identical rows once, and only those that the counts below don't cover.
 */
async function printRows(
  printer: Printer,
  { rows: given, deployments = [], isSingle = false, isPlanned = false }: RowsToPrint,
): Promise<void> {
  const rows = printer.isForPerson ? given.map(withLocalReason) : given;
  if (printer.isForPerson && rows.length === 0) return;
  const isFleet = deployments.length > 1;
  if (printer.isForPerson && !printer.isVerbose) {
    const { renderGroupedRows } = await import("./rows/grouped-rows.js");
    const names = new Names(rows.filter(isOfAutomation), deployments);
    const word = (row: FleetRow) => (isPlanned && row.result === "planned" ? "" : labels.word(row));
    return printer.out(await renderGroupedRows(rows, { labels: { ...labels, word }, names }, printer));
  }
  const items = printer.isForPerson ? troubleLast(rows) : rows;
  const names = deploymentNames(deployments.filter(({ name }) => name !== undefined));
  const [only] = items;
  const jsonOf = ({ isOutage: _, isUnseen: _isUnseen, isOfRun: _isOfRun, ...row }: FleetRow) => ({
    ...row,
    automation_id: row.automation_id || null,
  });
  const { whole } = printer.format;
  if (isSingle && whole !== undefined && only !== undefined) return whole(printer, jsonOf(only));
  await printList<FleetRow>(printer, {
    items,
    columns: isFleet ? [resultDeploymentColumn(names), ...resultColumns] : resultColumns,
    json: ({ customer_id: _, ...row }) => jsonOf(row),
    deploymentOf: isFleet
      ? ({ deployment_id, customer_id }) => ({
          deployment_id,
          customer_id,
          deployment_name: names.get(deployment_id),
        })
      : undefined,
    name: ({ automation_id, result, run_id }) =>
      result === "unchanged" || isDone({ result }) ? `${run_id ?? automation_id}` : undefined,
    empty: "nothing to do",
  });
}

function isOfAutomation<Row extends { automation_id: string | null }>(
  row: Row,
): row is Row & { automation_id: string } {
  return row.automation_id !== null;
}

function troubleLast(rows: readonly FleetRow[]): FleetRow[] {
  return [...rows.filter((row) => !isFailure(row)), ...rows.filter(isFailure)];
}

function isFailure(row: FleetRow): boolean {
  const { result, reason } = row;
  return wentWrong(row) || (result === "not started" && (reason === unreached || reason === refusedThere));
}

/** True for an automation that an outage made unreachable; its deployment's row may be the only row. */
function isUnreached({ automation_id: id, result, reason, isOutage }: FleetRow): boolean {
  return result !== "unknown" && ((isOutage === true && id !== null) || reason === unreached);
}

const labels: RowLabels<FleetRow> = {
  title: "RESULT",
  rankOf: (row) => {
    if (isFailure(row)) return "trouble";
    if (row.result === "skipped") return "skipped";
    return isDone(row) ? "done" : undefined;
  },
  word: (row) => (isUnreached(row) ? "not done" : row.result),
  why: (row) => (isUnreached(row) ? unreached : (row.error ?? row.reason ?? "")),
  isOfDeployment: (row) => isUnreached(row) || row.result === "not started",
};
