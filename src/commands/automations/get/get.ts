import type { AutomationDetail } from "../../../api/types.js";
import { declareCommand, requestCodes } from "../../../command/declaration.js";
import { count, flag, optional } from "../../../command/flags.js";
import { commandLine } from "../../../command-line/next-command.js";
import type { Context } from "../../../context/context.js";
import { requireRef } from "../../../operations/selection/pick-automation.js";
import { resolveAutomation } from "../../../operations/selection/resolve.js";
import { drawBlock, labelledRows } from "../../../output/block.js";
import { createPrinter, printOne } from "../../../output/printer.js";
import { renderTable } from "../../../output/render-table.js";
import { safe } from "../../../output/safe.js";
import { paintStatus, statusText } from "../../../output/status-words.js";
import { factSeparator, type Style } from "../../../output/style.js";
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
import { failuresInARow } from "../../../runs/failures.js";
import type { RunRow } from "../../../runs/run-row.js";
import { usualGraceMs } from "../../../runs/state.js";
import { runsSincePause } from "../../../runs/unexpected.js";
import { nextTimes } from "../../../schedule/cron-times.js";
import { describeSchedule } from "../../../schedule/describe.js";
import { formatRunsADay, runsADay } from "../../../schedule/frequency.js";
import { readSchedule } from "../../../schedule/read.js";
import { runColumns } from "../../runs/list/run-columns.js";
import {
  automationJson,
  failuresJson,
  type StateRow,
  stateJson,
  stateLine,
  stateOfRow,
} from "../shared/automation-columns.js";
import { loadIncidentBadges } from "../shared/incident-badges.js";
import { loadKnownPauses } from "../shared/known-changes.js";
import { OverdueRuns } from "../shared/overdue.js";
import { nextRunText } from "../shared/print-changed.js";

export const command = declareCommand({
  effect: "reads",
  arguments: { ref: optional("ref", "an id, an exact name, or <deployment>/<name>", { completes: "refs" }) },
  flags: {
    next: count("how many next run times to show", { usual: 5 }),
    verbose: flag("full instructions, every recent run, next run times"),
  },
  help: {
    about: "Show one automation: its state, schedule, instructions and recent runs.",
    use: "Look at an automation before you change or run it. On a terminal, you can leave out the ref and pick from a list.",
    inPipe: "one field and its value per line",
    exitCodes: requestCodes(),
    examples: [
      'herm automations get "Weekly video variations"',
      "herm automations get auto_5cT2k9 --next 10 --output json",
    ],
  },
  async run(context, { ref, next, verbose }): Promise<void> {
    const requested = await requireRef(context, { ref, verb: "get" });
    const { deployment_id, automation_id } = await resolveAutomation(context, requested);
    const client = await context.client();
    const read = await client.automations.get(deployment_id, automation_id, { signal: context.signal });
    const automation = automationJson(read, deployment_id);
    const row = { automation, ...(await stateFactsOf(context, { automation, deployment_id })) };
    const printer = await createPrinter(context);
    await printOne(printer, {
      json: { ...automation, ...stateJson(row), runs_a_day: runsADay(automation.schedule ?? "") ?? null },
      name: automation.automation_id,
      table: async () => {
        const render = printer.stdoutIsTty ? renderDetail : renderPipedDetail;
        const detail = await render({
          ...row,
          next,
          isWhole: verbose,
          hasTimes: verbose || context.call.flags.next !== undefined,
          trigger: commandLine(context, ["automations", "trigger", `${deployment_id}/${automation_id}`]),
          now: context.serverNow(),
          style: printer.style,
          columns: printer.columns,
        });
        await printer.out(detail);
      },
    });
  },
});

/** Loads facts that the automation doesn't contain: its incident, its overdue time, and its runs while paused. */
async function stateFactsOf(
  context: Context,
  { automation, deployment_id }: { automation: AutomationDetail; deployment_id: string },
) {
  const item = { automation, automation_id: automation.automation_id, deployment_id };
  const [held] = (await loadIncidentBadges(context))(deployment_id, automation);
  // The automation is shown even if the history is unreadable; only these facts are left out.
  const dueMs = await new OverdueRuns(context, usualGraceMs).dueMsOf(item).catch(() => undefined);
  const [{ pausedMs } = {}] = automation.enabled === false ? (await loadKnownPauses(context))([item]) : [];
  const since = pausedMs === undefined ? undefined : runsSincePause(automation, pausedMs);
  const failures = failuresInARow(automation.recent_runs, { nowMs: context.serverNow().getTime() });
  return { held, dueMs, failures, isUnexpected: since !== undefined && since.unexpected.length > 0 };
}

interface GetView extends StateRow {
  automation: AutomationDetail & { deployment_id: string };
  next: number;
  isWhole: boolean;
  hasTimes: boolean;
  trigger: string;
  now: Date;
  style: Style;
  columns: number;
}

/** The number of lines of instructions, and of runs, that fit on a terminal with 24 lines. */
const mostLines = 3;
const mostRuns = 5;

async function renderDetail(detail: GetView): Promise<string> {
  const { automation, style, now, columns, isWhole } = detail;
  const words = await describeSchedule(automation.schedule);
  const stored = safe(textOrDash(automation.schedule), "cell");
  // An unreadable schedule serves as its own description.
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
  ];
  const created = formatLocalTime(automation.created_at, now, factSeparator(style), ago);
  if (isWhole) facts.push(["thread", safe(textOrDash(automation.thread_id), "cell")], ["created", created]);
  const instructions = indentedText(textOrDash(automation.instructions), { columns, by: 2 });
  const shown = firstOf(instructions, isWhole ? Infinity : mostLines);
  const lines = [
    style.bold(safe(textOrDash(automation.name), "cell")),
    ...(await labelledRows(facts, { width: 11, style })),
    "",
    style.bold("Instructions"),
    ...shown,
    ...restOf(instructions, shown, "line"),
    "",
    ...(detail.hasTimes
      ? [`${style.bold("Next times")} (estimated by herm)`, ...(await nextLines(detail)), ""]
      : []),
    style.bold("Recent runs"),
    ...(await runLines(detail)),
  ];
  return `${lines.join("\n")}\n`;
}

/** Shows a single item beyond the limit, because a line saying "1 more" would take as much space. */
function firstOf<T>(items: readonly T[], most: number): readonly T[] {
  return items.length - most < 2 ? items : items.slice(0, most);
}

function restOf(all: readonly unknown[], shown: readonly unknown[], noun: string): string[] {
  const more = all.length - shown.length;
  return more === 0 ? [] : [`  … ${more} more ${noun}s: --verbose`];
}

async function nextLines(detail: GetView): Promise<string[]> {
  const { automation, next, now, style } = detail;
  if (automation.enabled === false) return ["  none while paused"];
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

async function runLines(detail: GetView): Promise<string[]> {
  const { automation, trigger, now, style, columns: width, isWhole } = detail;
  const { deployment_id, recent_runs: runs } = automation;
  if (runs.length === 0) return [`  none yet; to run it now: ${safe(trigger, "cell")}`];
  const shown = firstOf(runs, isWhole ? Infinity : mostRuns);
  const rows = shown.map((run): RunRow => ({ deployment_id, automation, run }));
  const [, ...ofRun] = runColumns(now, { withDeployment: false });
  const columns = ofRun.map((column) => (column.key === "id" ? { ...column, priorities: [] } : column));
  const table = await renderTable(rows, columns, { width: width - 2, style });
  const lines = table.trimEnd().split("\n");
  return [...lines.map((line) => `  ${line}`), ...restOf(runs, shown, "run")];
}

function lastRunText(
  { last_run_at, last_run_status, recent_runs }: AutomationDetail,
  { now, style }: Pick<GetView, "now" | "style">,
): string {
  if (!last_run_at) return recent_runs.length === 0 ? "none yet" : dash;
  return `${paintStatus(statusText(last_run_status, style), last_run_status, style)}${factSeparator(style)}${ago(last_run_at, now)}`;
}

async function renderPipedDetail(detail: GetView): Promise<string> {
  const { automation, next, now, held, dueMs, failures } = detail;
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
  for (const [field, value] of Object.entries(failuresJson(failures))) lines.push(`${field}\t${value}`);
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
