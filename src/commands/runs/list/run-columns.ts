import type { Run, RunStatus } from "../../../api/types.js";
import { agoColumn, column, deploymentColumn, idColumn, nameColumn } from "../../../output/columns.js";
import { formatDuration, formatDurationBriefly } from "../../../output/duration.js";
import type { Column } from "../../../output/render-table.js";
import { inWords, paintStatus, statusMark, statusText } from "../../../output/status-words.js";
import { dash, textOrDash } from "../../../output/value-text.js";
import type { RunRow } from "../../../runs/run-row.js";

/** The words for `--columns` and `--sort`; with several deployments there is one more. */
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
 * The columns, in the order of the fields in a pipe. `impliedStatus`: the only status that the filters allow, which
 * isn't shown. `questionOf`: set if questions are shown.
 */
export function runColumns(
  now: Date,
  { withDeployment, impliedStatus, questionOf }: RunColumnOptions,
): Column<RunRow>[] {
  const isImplied = ({ run: { status } }: RunRow) => status === impliedStatus && impliedStatus !== undefined;
  const statusOf = (row: RunRow, words?: typeof inWords) =>
    isImplied(row) ? [] : [statusText(row.run.status, words)];
  const markOf = (row: RunRow) => (isImplied(row) ? "" : statusMark(row.run.status));
  const columns: Column<RunRow>[] = [
    nameColumn((row) => textOrDash(row.automation.name), { steps: { 1: 40, 7: 20, 14: 12, 21: 1 } }),
    column("status", (row) => [...statusOf(row), timesOf(row)].join(" ").trim(), {
      inWords: (row) =>
        [...statusOf(row, inWords), ...(row.alike ? [`${row.alike.length + 1} times`] : [])].join(" "),
      steps: { 1: 24, 11: { sign: (row) => markOf(row) + timesOf(row) }, 19: "hidden" },
      piped: (row) => textOrDash(row.run.status),
      style: (text, row, style) => paintStatus(text, row.run.status, style),
    }),
    column("trigger", (row) => row.run.trigger ?? "", { steps: { 4: "hidden" } }),
    agoColumn("started", (row) => row.run.started_at, { now, hiddenAt: withDeployment ? 13.5 : 19 }),
    column("took", (row) => tookText(row.run, now), {
      steps: { 2: (row) => tookText(row.run, now, formatDurationBriefly), 8: "hidden" },
      piped: (row) => row.run.completed_at ?? "",
      pipedAs: "completed",
      order: (row) => tookMs(row.run, now),
    }),
    column("error", (row) => row.run.error ?? "", { steps: textSteps }),
    idColumn((row) => row.run.run_id, { title: "RUN", pipedAs: "run id", steps: { 16: "hidden" } }),
    ...(questionOf === undefined ? [] : [questionColumn(questionOf)]),
  ];
  return withDeployment ? [runPlaceColumn, ...columns] : columns;
}

function timesOf({ alike }: RunRow): string {
  return alike === undefined ? "" : `×${alike.length + 1}`;
}

const textSteps = { 5: 30, 9: 20, 15: 12, 17: 8, 18: "hidden" } as const;

function questionColumn(questionOf: (row: RunRow) => string | undefined): Column<RunRow> {
  return column("question", (row) => textOrDash(questionOf(row)).replace(/\s+/g, " "), {
    piped: (row) => textOrDash(questionOf(row)),
    steps: textSteps,
  });
}

export const runPlaceColumn = deploymentColumn<RunRow>({ steps: { 6: 14, 13: 10, 20: "hidden" } });

export function tookText(run: Run, now: Date, inWords = formatDuration): string {
  const ms = tookMs(run, now);
  return ms === undefined ? dash : inWords(ms);
}

function tookMs(run: Run, now: Date): number | undefined {
  if (!run.started_at) return undefined;
  const endedAt = run.completed_at ? Date.parse(run.completed_at) : now.getTime();
  return Math.max(0, endedAt - Date.parse(run.started_at));
}
