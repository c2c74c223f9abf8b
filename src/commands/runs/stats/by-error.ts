import {
  type AlikeFailures,
  groupFailures,
  hasFailed,
  type StartedRun,
  startedWithin,
} from "../../../observe/statistics.js";
import { counted, listed } from "../../../output/count.js";
import { ago, agoBriefly, formatRfc3339 } from "../../../output/time.js";
import { told } from "../../../output/value-text.js";
import { type RunRow, runRef } from "../../../runs/run-row.js";
import type { Look, View } from "./view.js";

type ErrorRow = AlikeFailures<RunRow & StartedRun>;

/** A row for each text that failed runs have as their error, the most frequent first. */
export const errorsView: View<ErrorRow> = {
  rows: ({ rows }, { sinceMs }) => {
    const started = startedWithin(rows, { sinceMs, untilMs: Number.POSITIVE_INFINITY });
    return groupFailures(started.filter(hasFailed));
  },
  columns: errorColumns,
  firstKey: "failed",
  json: (row, { isFleet }) => {
    const { error = null, items } = row;
    const { deploymentId, deploymentName, customerId, automation, run } = newestOf(row);
    return {
      error,
      failed: items.length,
      automations: automationsOf(row).size,
      first_at: formatRfc3339(new Date(items[0].startedMs)),
      last_at: formatRfc3339(new Date(newestOf(row).startedMs)),
      last_run_id: run.run_id,
      deployment_id: deploymentId,
      ...(isFleet ? { deployment_name: deploymentName, customer_id: customerId } : {}),
      automation_id: automation.automation_id,
      name: automation.name ?? null,
    };
  },
  name: (row, { isFleet }) => (isFleet ? runRef(newestOf(row)) : newestOf(row).run.run_id),
  total: (rows, collected) => {
    const failed = rows.reduce((sum, { items }) => sum + items.length, 0);
    return `${counted(rows.length, "error")}, ${failed} of ${counted(collected.count, "run")} failed`;
  },
  none: (runs) => `nothing failed: ${counted(runs, "run")} in this time`,
};

function errorColumns({ now, isFleet }: Look): ReturnType<View<ErrorRow>["columns"]> {
  const time = (row: ErrorRow) => new Date(newestOf(row).startedMs);
  return {
    shown: [
      {
        key: "error",
        title: "ERROR",
        cell: ({ error }) => told(error),
        concessions: [
          { turn: 5, cutTo: 40 },
          { turn: 8, cutTo: 20 },
          { turn: 12, cutTo: 1 },
        ],
        piped: ({ error }) => error ?? "",
      },
      {
        key: "failed",
        title: "FAILED",
        align: "right",
        cell: ({ items }) => String(items.length),
        order: ({ items }) => -items.length,
      },
      {
        key: "automations",
        title: "AUTOMATIONS",
        cell: (row) => listed([...automationsOf(row).values()], 1),
        concessions: [
          { turn: 3, cutTo: 30 },
          { turn: 6, cutTo: 16 },
          { turn: 10, goes: true },
        ],
        piped: (row) => String(automationsOf(row).size),
        order: (row) => -automationsOf(row).size,
      },
      {
        key: "first",
        title: "FIRST",
        cell: ({ items }) => ago(new Date(items[0].startedMs), now),
        concessions: [{ turn: 2, goes: true }],
        piped: ({ items }) => formatRfc3339(new Date(items[0].startedMs)),
        order: ({ items }) => items[0].startedMs,
      },
      {
        key: "last",
        title: "LAST",
        cell: (row) => ago(time(row), now),
        concessions: [
          { turn: 4, title: "AGO", cell: (row) => agoBriefly(time(row), now) },
          { turn: 11, goes: true },
        ],
        piped: (row) => formatRfc3339(time(row)),
        order: (row) => -newestOf(row).startedMs,
      },
      {
        key: "id",
        title: "LAST RUN",
        cell: (row) => (isFleet ? runRef(newestOf(row)) : newestOf(row).run.run_id),
        concessions: [{ turn: 7, goes: true }],
        piped: (row) => (isFleet ? runRef(newestOf(row)) : newestOf(row).run.run_id),
        style: (text, _row, style) => style.dim(text),
      },
    ],
    more: [],
  };
}

/** Their names, by their ids. */
function automationsOf({ items }: ErrorRow): Map<string, string> {
  return new Map(
    items.map(({ deploymentId, automation }) => {
      const { automation_id, name } = automation;
      return [`${deploymentId}/${automation_id}`, name ?? automation_id];
    }),
  );
}

function newestOf({ items }: ErrorRow): RunRow & StartedRun {
  return items.at(-1) ?? items[0];
}
