import type { Automation } from "../../../api/types.js";
import { column, deploymentColumn, idColumn, nameColumn } from "../../../output/columns.js";
import { inWords, paintStatus, statusMark } from "../../../output/status.js";
import { factSeparator } from "../../../output/style.js";
import type { Column } from "../../../output/table.js";
import { ago, agoBriefly, formatLocalTime, relative } from "../../../output/time.js";
import { dash, textOrDash } from "../../../output/value-text.js";
import { type StateRow, stateJson, statusColumn } from "./status-column.js";

export interface AutomationRow extends StateRow {
  deployment_id: string;
  deployment_name?: string;
  customer_id?: string;
  /** The schedule in words, or as the server has it where it can't be read; missing where no column needs it. */
  scheduleWords?: string;
  /** A brief form for a narrow terminal: `Mon 09:00`. */
  briefSchedule?: () => string | undefined;
  /** The entry as it came, where the API sent one that no call can name, such as null: `automation` is empty then. */
  invalid?: { entry: unknown };
  /** The time, by `monotonic`, of a row kept from an earlier reading. */
  readMs?: number;
  /** Fields that a monitor's flag adds to JSON. */
  extraJson?: object;
}

/** The words for `--columns` and `--sort`; with several deployments each has a column too. */
export const automationKeys = ["name", "schedule", "status", "last", "next", "id", "deployment"] as const;

export const automationFields = [
  ...["automation_id", "deployment_id", "deployment_name", "customer_id", "enabled", "next_run_at"],
  ...["last_run_at", "last_run_status", "updated_at", "state", "held_by"],
] as const;

/** JSON of a row among several deployments. */
export function rowJson(row: AutomationRow): Automation {
  const { automation, deployment_id, deployment_name, customer_id } = row;
  return { ...automationJson(automation, deployment_id), customer_id, deployment_name, ...stateJson(row) };
}

/** The API's own object with its deployment. */
export function automationJson<Read extends Automation>(
  automation: Read,
  deployment_id: string,
): Read & { deployment_id: string } {
  const hasOwn = (each: Read): each is Read & { deployment_id: string } =>
    typeof each.deployment_id === "string";
  return hasOwn(automation) ? automation : { ...automation, deployment_id };
}

/**
 * The columns of a list, in the order of a pipe's fields, with several deployments the deployment first.
 */
export function automationColumns(
  now: Date,
  { withDeployment }: { withDeployment: boolean },
): Column<AutomationRow>[] {
  const columns: Column<AutomationRow>[] = [
    nameColumn((row) => textOrDash(row.automation.name), {
      steps: { 1: 40, 7: 24, 10: withDeployment ? 20 : 14, 17: 12, 21: 1 },
    }),
    column("schedule", wordsInUtc, {
      title: "SCHEDULE (UTC)",
      steps: {
        2: (row) => brieflyInUtc(row, longestWords),
        5: (row) => brieflyInUtc(row, 0),
        8: 14,
        13: "hidden",
      },
      piped: (row) => textOrDash(row.automation.schedule),
    }),
    statusColumn,
    column("last", (row) => lastRun(row.automation, ago(row.automation.last_run_at, now)), {
      inWords: (row) => lastRun(row.automation, ago(row.automation.last_run_at, now), inWords),
      steps: {
        3: (row) => lastRun(row.automation, agoBriefly(row.automation.last_run_at, now)),
        11: "hidden",
      },
      piped: (row) => [row.automation.last_run_status, row.automation.last_run_at].filter(Boolean).join(" "),
      pipedAs: "last run",
      order: (row) => row.automation.last_run_at ?? undefined,
      style: (text, row, style) => paintStatus(text, row.automation.last_run_status, style),
    }),
    column("next", (row) => formatLocalTime(row.automation.next_run_at, now), {
      inWords: (row) => formatLocalTime(row.automation.next_run_at, now, factSeparator(inWords)),
      steps: { 4: (row) => relative(row.automation.next_run_at, now), 18: "hidden" },
      piped: (row) => row.automation.next_run_at ?? "",
      pipedAs: "next run",
      order: (row) => row.automation.next_run_at ?? undefined,
    }),
    // Where deployments are shown, ids go first: two of them name a thing.
    idColumn((row) => row.automation.automation_id, { steps: { [withDeployment ? 6 : 12]: "hidden" } }),
  ];
  return withDeployment ? [placeColumn, ...columns] : columns;
}

export const placeColumn = deploymentColumn<AutomationRow>({ steps: { 9: 14, 14: 10, 19: "hidden" } });

/** The words without UTC, which the title has; what can't be read is shown exactly. */
function wordsInUtc({ scheduleWords, automation }: AutomationRow): string {
  const words = scheduleWords ?? textOrDash(automation.schedule);
  return words === automation.schedule ? words : words.replace(/ UTC\b/, "");
}

/** Characters of `every Wednesday at 09:00`: longer ones are shortened first. */
const longestWords = 24;

function brieflyInUtc(row: AutomationRow, longest: number): string {
  const words = wordsInUtc(row);
  if (words.length <= longest) return words;
  const brief = row.briefSchedule?.() ?? words;
  return brief.length < words.length ? brief : words;
}

/** `✓ 3 h ago`, or a dash before the first run. */
function lastRun(
  { last_run_at: at, last_run_status: status }: Automation,
  ago: string,
  wording?: typeof inWords,
): string {
  return at ? `${statusMark(status, wording)} ${ago}` : dash;
}
