import type { Automation } from "../../../api/types.js";
import { nextRun } from "../../../output/next-run.js";
import { colourOfStatus, enabledStatus, statusMark, statusText } from "../../../output/status.js";
import type { Column } from "../../../output/table.js";
import { relative } from "../../../output/time.js";
import { told, unknown } from "../../../output/value-text.js";

/** One automation with what a table shows beside it. */
export interface AutomationRow {
  automation: Automation;
  deploymentId: string;
  deploymentName?: string;
  customerId?: string;
  /** The schedule in words, or as the server has it where it can't be read; absent where nobody reads it. */
  scheduleWords?: string;
  /** The entry as it came, where the API sent one that no call can name, such as null: `automation` says nothing then. */
  stray?: { entry: unknown };
  /** What an open incident or a monitor's flag says of it. */
  marks?: string[];
}

/** The words for `--columns` and `--sort`; with several deployments each has a column too. */
export const automationKeys = ["name", "schedule", "status", "last", "next", "id", "deployment"] as const;

/** The names that JSON has beside those. */
export const automationFields = [
  ...["automation_id", "deployment_id", "deployment_name", "customer_id", "enabled", "next_run_at"],
  ...["last_run_at", "last_run_status", "created_at", "updated_at", "thread_id"],
] as const;

/** What a row is in JSON where there are several deployments. */
export function rowJson(row: AutomationRow): Automation {
  const { automation, deploymentId, deploymentName: deployment_name, customerId: customer_id } = row;
  return { ...automationJson(automation, deploymentId), customer_id, deployment_name };
}

/** The automation as JSON shows it: the API's own object, with its deployment. */
export function automationJson(automation: Automation, deploymentId: string): Automation {
  if (typeof automation.deployment_id === "string") return automation;
  return { ...automation, deployment_id: deploymentId };
}

/**
 * The columns of a list, in their documented order, which is that of a pipe's fields:
 * name, schedule, status, last run, next run, id (with several deployments: deployment first).
 */
export function automationColumns(
  now: Date,
  { withDeployment }: { withDeployment: boolean },
): Column<AutomationRow>[] {
  const columns: Column<AutomationRow>[] = [
    { key: "name", title: "NAME", shrink: 4, minWidth: 12, cell: (row) => told(row.automation.name) },
    {
      key: "schedule",
      title: "SCHEDULE (UTC)",
      shrink: 2,
      minWidth: 14,
      cell: (row) => wordsInUtc(row),
      piped: (row) => told(row.automation.schedule),
    },
    {
      key: "status",
      title: "STATUS",
      shrink: 5,
      cell: (row) => [statusText(enabledStatus(row.automation)), ...(row.marks ?? [])].join(" · "),
      piped: (row) => [told(enabledStatus(row.automation)), ...(row.marks ?? [])].join(","),
      style: (text, row, style) =>
        row.marks?.length ? style.yellow(text) : colourOfStatus(text, enabledStatus(row.automation), style),
    },
    {
      key: "last",
      title: "LAST RUN",
      shrink: 1,
      isWhole: true,
      cell: (row) => lastRun(row.automation, now),
      piped: (row) => [row.automation.last_run_status, row.automation.last_run_at].filter(Boolean).join(" "),
      order: (row) => row.automation.last_run_at ?? undefined,
      style: (text, row, style) => colourOfStatus(text, row.automation.last_run_status, style),
    },
    {
      key: "next",
      title: "NEXT RUN",
      shrink: 3,
      isWhole: true,
      cell: (row) => nextRun(row.automation, now),
      piped: (row) => row.automation.next_run_at ?? "",
      order: (row) => row.automation.next_run_at ?? undefined,
    },
    { key: "id", title: "ID", cell: (row) => row.automation.automation_id },
  ];
  return withDeployment ? [deploymentColumn, ...columns] : columns;
}

/** The column of a list of several deployments. */
export const deploymentColumn: Column<AutomationRow> = {
  key: "deployment",
  title: "DEPLOYMENT",
  shrink: 6,
  minWidth: 8,
  cell: (row) => row.deploymentName ?? row.deploymentId,
  piped: (row) => row.deploymentId,
};

/** Every schedule is in UTC, and the title says so; one that can't be read is shown to the letter. */
function wordsInUtc({ scheduleWords, automation }: AutomationRow): string {
  const words = scheduleWords ?? told(automation.schedule);
  return words === automation.schedule ? words : words.replace(/ UTC\b/, "");
}

/** `✓ 3 h ago`, or a dash before the first run. */
function lastRun(automation: Automation, now: Date): string {
  const { last_run_at: at, last_run_status: status } = automation;
  return at ? `${statusMark(status)} ${relative(at, now)}` : unknown;
}
