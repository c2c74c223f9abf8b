import type { AutomationDetail } from "../../../api/types.js";
import { drawBlock, labelledRows } from "../../../output/block.js";
import { safe } from "../../../output/safe.js";
import { paintStatus, statusText } from "../../../output/status.js";
import { factSeparator, type Style } from "../../../output/style.js";
import { renderTable } from "../../../output/table.js";
import { indentedText } from "../../../output/text/fold.js";
import {
  ago,
  formatLocal,
  formatLocalTime,
  formatRfc3339,
  formatUtc,
  relative,
} from "../../../output/time.js";
import { dash, textOrDash } from "../../../output/value-text.js";
import type { RunRow } from "../../../runs/run-row.js";
import { nextTimes } from "../../../schedule/cron-times.js";
import { describeSchedule } from "../../../schedule/describe.js";
import { formatRunsADay, runsADay } from "../../../schedule/frequency.js";
import { readSchedule } from "../../../schedule/read.js";
import { runColumns } from "../../runs/list/columns.js";
import { nextRunText } from "../shared/print-changed.js";
import { type StateRow, stateLine, stateOfRow } from "../shared/status-column.js";

export interface GetView extends StateRow {
  automation: AutomationDetail & { deployment_id: string };
  next: number;
  trigger: string;
  now: Date;
  style: Style;
  columns: number;
}

export async function renderDetail(detail: GetView): Promise<string> {
  const { automation, style, now, columns } = detail;
  const words = await describeSchedule(automation.schedule);
  const stored = safe(textOrDash(automation.schedule), "cell");
  // A schedule that can't be read is described by itself.
  const schedule = words === textOrDash(automation.schedule) ? stored : `${words}  ${stored}`;
  const runs = runsADay(automation.schedule ?? "");
  const facts: [string, string][] = [
    ["id", safe(automation.automation_id, "cell")],
    ["deployment", safe(automation.deployment_id, "cell")],
    ["schedule", schedule],
    ...(runs === undefined ? [] : [["runs", `${formatRunsADay(runs)} a day`] as [string, string]]),
    ["status", stateLine(detail, detail)],
    ["next run", nextRunText(automation, formatLocalTime(automation.next_run_at, now, factSeparator(style)))],
    ["last run", lastRunText(automation, { now, style })],
    ["thread", safe(textOrDash(automation.thread_id), "cell")],
    ["created", formatLocalTime(automation.created_at, now, factSeparator(style), ago)],
  ];
  const lines = [
    style.bold(safe(textOrDash(automation.name), "cell")),
    ...(await labelledRows(facts, { width: 11, style })),
    "",
    style.bold("Instructions"),
    ...indentedText(textOrDash(automation.instructions), { columns, by: 2 }),
    "",
    `${style.bold("Next times")} (estimated here from the schedule)`,
    ...(await nextLines(detail)),
    "",
    style.bold("Recent runs"),
    ...(await runLines(detail)),
  ];
  return `${lines.join("\n")}\n`;
}

async function nextLines(detail: GetView): Promise<string[]> {
  const { automation, next, now, style } = detail;
  if (automation.enabled === false) return ["  none: it is paused"];
  const reading = readSchedule(automation.schedule ?? "");
  if (!reading.ok)
    return [
      `  ${automation.next_run_at ? formatLocalTime(automation.next_run_at, now, factSeparator(style)) : "unknown: only the platform can read this schedule"}`,
    ];
  const times = nextTimes(reading.cron, now, next);
  if (times.length === 0) return ["  none"];
  const local = (at: Date) => (at.getTimezoneOffset() === 0 ? "" : formatLocal(at));
  const clocks = times.some(local) ? [formatUtc, local] : [formatUtc];
  const rows = times.map((at) => [...clocks.map((clock) => clock(at)), relative(at, now)]);
  return drawBlock(rows, { indent: "  ", gap: "   " });
}

async function runLines({ automation, trigger, now, style, columns: width }: GetView): Promise<string[]> {
  const { deployment_id, recent_runs: runs } = automation;
  if (runs.length === 0) return [`  none yet: ${safe(trigger, "cell")} runs it now`];
  const rows = runs.map((run): RunRow => ({ deployment_id, automation, run }));
  const [, ...ofRun] = runColumns(now, { withDeployment: false });
  const columns = ofRun.map((column) => (column.key === "id" ? { ...column, priorities: [] } : column));
  const table = await renderTable(rows, columns, { width: width - 2, style });
  return table
    .trimEnd()
    .split("\n")
    .map((line) => `  ${line}`);
}

function lastRunText(
  { last_run_at, last_run_status, recent_runs }: AutomationDetail,
  { now, style }: Pick<GetView, "now" | "style">,
): string {
  if (!last_run_at) return recent_runs.length === 0 ? "none yet" : dash;
  return `${paintStatus(statusText(last_run_status, style), last_run_status, style)}${factSeparator(style)}${ago(last_run_at, now)}`;
}

export async function renderPipedDetail(detail: GetView): Promise<string> {
  const { automation, next, now, held, dueMs } = detail;
  const fields = [
    "automation_id",
    "deployment_id",
    "name",
    "schedule",
    "enabled",
    "next_run_at",
    "last_run_at",
    "last_run_status",
    "thread_id",
    "created_at",
    "instructions",
  ];
  const lines = fields.map((field) => {
    const isAlwaysThere = ["name", "schedule", "enabled", "instructions"].includes(field);
    const value = automation[field] ?? (isAlwaysThere ? dash : "");
    return `${field}\t${safe(String(value), "cell")}`;
  });
  lines.push(`state\t${stateOfRow(detail) ?? dash}`);
  if (dueMs !== undefined) lines.push(`due_since\t${formatRfc3339(dueMs)}`);
  if (held !== undefined) lines.push(`mark\t${held.text}`);
  lines.push(`runs_a_day\t${runsADay(automation.schedule ?? "") ?? ""}`);
  const reading = readSchedule(automation.schedule ?? "");
  const times = automation.enabled && reading.ok ? nextTimes(reading.cron, now, next) : [];
  lines.push(...times.map((at) => `next\t${formatRfc3339(at)}`));
  for (const run of automation.recent_runs) {
    const { run_id, status, trigger, started_at, completed_at, error } = run;
    const cells = [run_id, textOrDash(status), trigger, textOrDash(started_at), completed_at, error];
    lines.push(["run", ...cells.map((cell) => safe(cell ?? "", "cell"))].join("\t"));
  }
  return `${lines.join("\n")}\n`;
}
