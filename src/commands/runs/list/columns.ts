import type { Run } from "../../../api/types.js";
import { formatDuration } from "../../../output/duration.js";
import { colourOfStatus, statusText } from "../../../output/status.js";
import type { Column } from "../../../output/table.js";
import { relative } from "../../../output/time.js";
import { told, unknown } from "../../../output/value-text.js";
import type { RunRow } from "../../../runs/run-row.js";

/** The words for `--columns` and `--sort`; with several deployments each has a column too. */
export const runKeys = ["name", "status", "trigger", "started", "took", "error", "id", "deployment"] as const;

/** The names that JSON has beside those. */
export const runFields = [
  ...["run_id", "deployment_id", "deployment_name", "customer_id", "automation_id", "thread_id"],
  ...["started_at", "completed_at"],
] as const;

/**
 * The columns of a list of runs, in their documented order, which is that of a pipe's fields:
 * name, status, trigger, started, took (a pipe: completed), error, id (with several deployments: deployment first).
 */
export function runColumns(now: Date, { withDeployment }: { withDeployment: boolean }): Column<RunRow>[] {
  const columns: Column<RunRow>[] = [
    { key: "name", title: "NAME", shrink: 4, minWidth: 12, cell: (row) => told(row.automation.name) },
    {
      key: "status",
      title: "STATUS",
      shrink: 6,
      cell: (row) => statusText(row.run.status),
      piped: (row) => told(row.run.status),
      style: (text, row, style) => colourOfStatus(text, row.run.status, style),
    },
    { key: "trigger", title: "TRIGGER", shrink: 1, isWhole: true, cell: (row) => row.run.trigger ?? "" },
    {
      key: "started",
      title: "STARTED",
      shrink: 3,
      isWhole: true,
      cell: (row) => relative(row.run.started_at, now),
      piped: (row) => told(row.run.started_at),
      order: (row) => row.run.started_at ?? undefined,
    },
    {
      key: "took",
      title: "TOOK",
      shrink: 2,
      isWhole: true,
      cell: (row) => tookText(row.run, now),
      piped: (row) => row.run.completed_at ?? "",
      order: (row) => tookMs(row.run, now),
    },
    { key: "error", title: "ERROR", shrink: 5, cell: (row) => row.run.error ?? "" },
    { key: "id", title: "RUN", cell: (row) => row.run.run_id },
  ];
  return withDeployment ? [deploymentColumn, ...columns] : columns;
}

/** The column of a list of several deployments. */
export const deploymentColumn: Column<RunRow> = {
  key: "deployment",
  title: "DEPLOYMENT",
  shrink: 7,
  cell: (row) => row.deploymentName ?? row.deploymentId,
  piped: (row) => row.deploymentId,
};

/** How long a run took, or has taken until now; a dash where that can't be told. */
export function tookText(run: Run, now: Date): string {
  const ms = tookMs(run, now);
  return ms === undefined ? unknown : formatDuration(ms);
}

function tookMs(run: Run, now: Date): number | undefined {
  if (!run.started_at) return undefined;
  const endedAt = run.completed_at ? Date.parse(run.completed_at) : now.getTime();
  return Math.max(0, endedAt - Date.parse(run.started_at));
}
