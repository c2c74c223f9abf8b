import type { DeploymentSummary } from "../../api/types.js";
import { wentWrong } from "../../fleet/outcome.js";
import { printList } from "../../output/list.js";
import type { Printer } from "../../output/printer.js";
import type { RowLabels } from "./grouped-rows.js";
import { deploymentNames, Names } from "./names.js";
import { resultColumns, resultDeploymentColumn } from "./result-columns.js";
import { type FleetRow, isDone, refusedThere, unreached } from "./rows.js";

export interface RowsToPrint {
  rows: readonly FleetRow[];
  /** The deployments of the rows; of several, JSON has `customer_id` and `deployment_name`. */
  deployments?: readonly DeploymentSummary[];
  /** True for one ref without a selection: JSON is one object. */
  isSingle?: boolean;
  /** True when a plan has said what is planned. */
  isPlanned?: boolean;
}

/**
 * Prints the rows in the format in force. In a pipe: (with several deployments the deployment's id,) name, result, id,
 * why. On a terminal equal ones once, and what the counts below say enough of not at all.
 */
export async function printRows(
  printer: Printer,
  { rows, deployments = [], isSingle = false, isPlanned = false }: RowsToPrint,
): Promise<void> {
  if (printer.isForPerson && rows.length === 0) return;
  const isFleet = deployments.length > 1;
  if (printer.isForPerson && !printer.isVerbose) {
    const { renderGroupedRows } = await import("./grouped-rows.js");
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

/**
 * True of an item that failed by an outage: to a person it wasn't reached. A deployment that couldn't be read may be the
 * only one.
 */
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
