import { wentWrong } from "../../../fleet/outcome.js";
import { printList } from "../../../output/list.js";
import type { Printer } from "../../../output/printer.js";
import type { Column } from "../../../output/table.js";
import { told } from "../../../output/value-text.js";
import { messageOf } from "../../../report.js";
import { type RunRow, runRef } from "../../../runs/run-row.js";
import { printCounts } from "../../fleet/ending.js";
import { resultConcessions } from "../../fleet/rows.js";

/** What became of one waiting run of several. */
export interface AnswerRow {
  row: RunRow;
  result: "answered" | "left" | "skipped" | "failed" | "unknown";
  reason?: string;
  error?: unknown;
}

const words = ["answered", "left", "skipped", "failed", "unknown"] as const;

/**
 * Prints the rows in the format in force (src/output/README.md, "JSON"). A person is shown those that weren't answered,
 * with the counts below them.
 */
export async function printAnswerRows(
  printer: Printer,
  { rows, isFleet }: { rows: readonly AnswerRow[]; isFleet: boolean },
): Promise<void> {
  const shown = printer.isForPerson ? rows.filter(({ result }) => result !== "answered") : rows;
  if (shown.length > 0 || !printer.isForPerson) {
    await printList<AnswerRow>(printer, {
      items: shown,
      columns: isFleet ? [deployment, ...columns] : columns,
      json: (row) => rowJson(row, { isFleet }),
      name: ({ row, result }) => {
        if (result !== "answered") return undefined;
        return isFleet ? runRef(row) : row.run.run_id;
      },
      empty: "nothing was sent",
    });
  }
  if (rows.length > 0) await printCounts(printer, { changes: countsOf(rows) });
}

function countsOf(rows: readonly AnswerRow[]): string[] {
  return words.flatMap((word, at) => {
    const number = rows.filter(({ result }) => result === word).length;
    return number > 0 || at === 0 ? [`${number} ${word}`] : [];
  });
}

function rowJson({ row, result, reason, error }: AnswerRow, { isFleet }: { isFleet: boolean }) {
  const { deploymentId, customerId = null, automation, run } = row;
  return {
    deployment_id: deploymentId,
    automation_id: automation.automation_id,
    name: automation.name ?? null,
    run_id: run.run_id,
    result,
    reason,
    error: error === undefined ? undefined : messageOf(error),
    customer_id: isFleet ? customerId : undefined,
  };
}

const deployment: Column<AnswerRow> = {
  key: "deployment",
  title: "DEPLOYMENT",
  cell: ({ row }) => row.deploymentName ?? row.deploymentId,
  concessions: resultConcessions.deployment,
  piped: ({ row }) => row.deploymentId,
};

const columns: Column<AnswerRow>[] = [
  {
    key: "name",
    title: "NAME",
    cell: ({ row }) => told(row.automation.name),
    concessions: resultConcessions.name,
  },
  {
    key: "result",
    title: "RESULT",
    cell: ({ result }) => result,
    concessions: resultConcessions.result,
    style: (text, row, style) => (wentWrong(row) ? style.red(text) : text),
  },
  { key: "id", title: "RUN", cell: ({ row }) => row.run.run_id, concessions: resultConcessions.id },
  {
    key: "why",
    title: "WHY",
    cell: ({ reason, error }) => (error === undefined ? (reason ?? "") : messageOf(error)),
    concessions: resultConcessions.why,
  },
];
