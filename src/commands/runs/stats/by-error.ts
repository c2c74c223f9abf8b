import {
  type AlikeFailures,
  groupFailures,
  hasFailed,
  oldestFirst,
  type StartedRun,
} from "../../../observe/statistics.js";
import { counted, listed } from "../../../output/count.js";
import { ago, agoBriefly, formatRfc3339 } from "../../../output/time.js";
import { told } from "../../../output/value-text.js";
import { runRef } from "../../../runs/run-row.js";
import type { SeenPlace } from "../list/reach.js";
import { type Counted, countOf, seeRuns } from "./counted.js";
import type { ColumnSetting, StatsView } from "./view.js";

/** A failed run with where it belongs. */
interface Failure extends StartedRun, Pick<SeenPlace, "target"> {
  automation: Counted["automation"];
}

type ErrorRow = AlikeFailures<Failure>;

/** A row for each text that failed runs have as their error, the most frequent first. */
export const errorsView: StatsView<ErrorRow, Counted & { failures: readonly Failure[] }> = {
  see: (place, detail, since) => {
    const { counted: each, started } = seeRuns(place, detail, since);
    const { target, automation } = each;
    return { ...each, failures: started.filter(hasFailed).map((run) => ({ ...run, target, automation })) };
  },
  rows: ({ seen }) => groupFailures(oldestFirst(seen.flatMap(({ failures }) => failures))),
  columns: errorColumns,
  firstKey: "failed",
  json: (row, { isFleet }) => {
    const { error = null, items } = row;
    const { target, automation, run_id } = newestOf(row);
    return {
      error,
      failed: items.length,
      automations: automationsOf(row).size,
      first_at: formatRfc3339(items[0].startedMs),
      last_at: formatRfc3339(newestOf(row).startedMs),
      last_run_id: run_id,
      deployment_id: target.deploymentId,
      ...(isFleet ? { deployment_name: target.name, customer_id: target.customerId } : {}),
      automation_id: automation.automation_id,
      name: automation.name ?? null,
    };
  },
  name: (row, look) => lastRun(row, look),
  total: (rows, collected) => {
    const failed = rows.reduce((sum, { items }) => sum + items.length, 0);
    return `${counted(rows.length, "error")}, ${failed} of ${counted(countOf(collected.seen), "run")} failed`;
  },
  none: (runs) => `nothing failed: ${counted(runs, "run")} in this time`,
};

function errorColumns({ now, isFleet }: ColumnSetting): ReturnType<typeof errorsView.columns> {
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
        piped: ({ items }) => formatRfc3339(items[0].startedMs),
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
        cell: (row) => lastRun(row, { isFleet }),
        concessions: [{ turn: 7, goes: true }],
        style: (text, _row, style) => style.dim(text),
      },
    ],
    more: [],
  };
}

/** Their names, by their ids. */
function automationsOf({ items }: ErrorRow): Map<string, string> {
  return new Map(
    items.map(({ target, automation: { automation_id, name } }) => {
      return [`${target.deploymentId}/${automation_id}`, name ?? automation_id];
    }),
  );
}

function lastRun(row: ErrorRow, { isFleet }: Pick<ColumnSetting, "isFleet">): string {
  const { target, run_id } = newestOf(row);
  return isFleet ? runRef({ deploymentId: target.deploymentId, run: { run_id } }) : run_id;
}

function newestOf({ items }: ErrorRow): Failure {
  return items.at(-1) ?? items[0];
}
