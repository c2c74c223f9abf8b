import type { Run, RunStatus } from "../../../api/types.js";
import { formatDuration, formatDurationBriefly } from "../../../output/duration.js";
import { inWords, paintStatus, statusMark, statusText } from "../../../output/status.js";
import type { Column } from "../../../output/table.js";
import { ago, agoBriefly } from "../../../output/time.js";
import { dash, textOrDash } from "../../../output/value-text.js";
import type { RunRow } from "../../../runs/run-row.js";

/** The words for `--columns` and `--sort`; with several deployments each has a column too. */
export const runKeys = ["name", "status", "trigger", "started", "took", "error", "id", "deployment"] as const;

export const runFields = [
  ...["run_id", "deployment_id", "deployment_name", "customer_id", "automation_id", "thread_id"],
  ...["started_at", "completed_at"],
] as const;

export interface RunColumnOptions {
  withDeployment: boolean;
  impliedStatus?: RunStatus | undefined;
  questionOf?: ((row: RunRow) => string | undefined) | undefined;
}

/**
 * The columns in the order of a pipe's fields. `impliedStatus`: the status that every row has by the filters, and none
 * shows. `questionOf`: given where questions are shown.
 */
export function runColumns(
  now: Date,
  { withDeployment, impliedStatus, questionOf }: RunColumnOptions,
): Column<RunRow>[] {
  const isImplied = (status: Run["status"]) => status === impliedStatus && impliedStatus !== undefined;
  const columns: Column<RunRow>[] = [
    {
      key: "name",
      title: "NAME",
      isName: true,
      cell: (row) => textOrDash(row.automation.name),
      priorities: [
        { order: 1, cutTo: 40 },
        { order: 7, cutTo: 20 },
        { order: 14, cutTo: 12 },
        { order: 21, cutTo: 1 },
      ],
    },
    {
      key: "status",
      title: "STATUS",
      cell: ({ run: { status } }) => (isImplied(status) ? "" : statusText(status)),
      inWords: ({ run: { status } }) => (isImplied(status) ? "" : statusText(status, inWords)),
      priorities: [
        { order: 1, cutTo: 24 },
        { order: 11, isSign: true, cell: ({ run: { status } }) => statusMark(status) },
        { order: 19, isHidden: true },
      ],
      piped: (row) => textOrDash(row.run.status),
      style: (text, row, style) => paintStatus(text, row.run.status, style),
    },
    {
      key: "trigger",
      title: "TRIGGER",
      cell: (row) => row.run.trigger ?? "",
      priorities: [{ order: 4, isHidden: true }],
    },
    {
      key: "started",
      title: "AGO",
      cell: (row) => agoBriefly(row.run.started_at, now),
      inWords: (row) => ago(row.run.started_at, now),
      priorities: [{ order: withDeployment ? 12 : 19, isHidden: true }],
      piped: (row) => textOrDash(row.run.started_at),
      order: (row) => row.run.started_at ?? undefined,
    },
    {
      key: "took",
      title: "TOOK",
      cell: (row) => tookText(row.run, now),
      priorities: [
        { order: 2, cell: (row) => tookText(row.run, now, formatDurationBriefly) },
        { order: 8, isHidden: true },
      ],
      piped: (row) => row.run.completed_at ?? "",
      order: (row) => tookMs(row.run, now),
    },
    {
      key: "error",
      title: "ERROR",
      cell: (row) => row.run.error ?? "",
      priorities: textPriorities,
    },
    {
      key: "id",
      title: "RUN",
      cell: (row) => row.run.run_id,
      priorities: [{ order: 16, isHidden: true }],
    },
    ...(questionOf === undefined ? [] : [questionColumn(questionOf)]),
  ];
  return withDeployment ? [runDeploymentColumn, ...columns] : columns;
}

const textPriorities = [
  { order: 5, cutTo: 30 },
  { order: 9, cutTo: 20 },
  { order: 15, cutTo: 12 },
  { order: 17, cutTo: 8 },
  { order: 18, isHidden: true as const },
];

function questionColumn(questionOf: (row: RunRow) => string | undefined): Column<RunRow> {
  return {
    key: "question",
    title: "QUESTION",
    cell: (row) => textOrDash(questionOf(row)).replace(/\s+/g, " "),
    piped: (row) => textOrDash(questionOf(row)),
    priorities: textPriorities,
  };
}

export const runDeploymentColumn: Column<RunRow> = {
  key: "deployment",
  title: "DEPLOYMENT",
  isName: true,
  cell: (row) => row.deployment_name ?? row.deployment_id,
  priorities: [
    { order: 6, cutTo: 14 },
    { order: 13, cutTo: 10 },
    { order: 20, isHidden: true },
  ],
  piped: (row) => row.deployment_id,
};

export function tookText(run: Run, now: Date, inWords = formatDuration): string {
  const ms = tookMs(run, now);
  return ms === undefined ? dash : inWords(ms);
}

function tookMs(run: Run, now: Date): number | undefined {
  if (!run.started_at) return undefined;
  const endedAt = run.completed_at ? Date.parse(run.completed_at) : now.getTime();
  return Math.max(0, endedAt - Date.parse(run.started_at));
}
