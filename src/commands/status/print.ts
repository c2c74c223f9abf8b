import { commandLine } from "../../command-line/next-command.js";
import type { Context } from "../../context/context.js";
import { itemKey } from "../../fleet/refs.js";
import type { Selection } from "../../fleet/selection.js";
import { messageOf } from "../../invocation/report-error.js";
import { dueSoon } from "../../operations/rows/names.js";
import type { ReadFailure } from "../../operations/rows/progress.js";
import { nothingOf } from "../../operations/rows/reach.js";
import { sinceJson } from "../../operations/rows/runs-reader.js";
import { warnOfBrokenLedgers } from "../../operations/rows/session.js";
import { noMatchText } from "../../operations/selection/why-empty.js";
import type { OneResult } from "../../output/formats/format.js";
import { printList } from "../../output/print-list.js";
import { type Printer, printOne } from "../../output/printer.js";
import { type Column, renderTable } from "../../output/render-table.js";
import { safe } from "../../output/safe.js";
import { rowsNow } from "../../output/terminal/watch-screen.js";
import { formatRfc3339 } from "../../output/time.js";
import { waitingRuns } from "../../runs/state.js";
import { failuresJson } from "../automations/shared/automation-columns.js";
import { countOf, type FleetStatus, isDue, itemRows, type ListedStatus, type StatusRow } from "./facts.js";
import {
  failuresOf,
  headOf,
  mayHaveRunLines,
  pipedCounts,
  restLines,
  rowColumns,
  type StatusRenderOptions,
  withoutCount,
} from "./status-view.js";

/** The deployments that couldn't be read, and the automations in `errors`. */
export function unreadIn({ unreadable, names }: FleetStatus, errors: FleetStatus["errors"]): ReadFailure[] {
  return [
    ...unreadable.map(({ deployment: { deployment_id: id }, error }) => ({
      kind: "deployment" as const,
      what: names.deployment(id),
      error,
    })),
    ...errors.map(({ item, error }) => ({ kind: "automation" as const, what: names.of(item), error })),
  ];
}

/** The number of rows to read in full if the output isn't a screen with a height. */
export const mostRead = 100;

const fewestRows = 3;
const linesBeside = 5;

export function roomOn(
  context: Pick<Context, "io">,
  options: StatusRenderOptions,
): (draft: ListedStatus) => number {
  if (options.style.isInWords) return () => rowsInWords;
  return (draft) => {
    const { fixed, timed } = headOf(draft, options);
    const above = fixed.length + timed.length;
    return Math.max(fewestRows, rowsNow(context.io) - above - linesBeside);
  };
}

const rowsInWords = 20;

/** Prints the fleet's current state in the chosen format. */
export async function printFleetStatus(
  context: Context,
  printer: Printer,
  { status, selection }: { status: FleetStatus; selection: Selection },
): Promise<void> {
  const why = whyNothing(status, selection);
  await printLook(context, printer, status, {
    json: statusJson(status),
    table: async () => {
      if (!printer.isForPerson) return printPiped(printer, status);
      await printer.out(await renderFleetStatus(status, printer));
    },
    notes: why === undefined ? [] : [why],
  });
}

/** Prints a status, or only its ids if requested; then notes and the next command. */
export async function printLook(
  context: Context,
  printer: Printer,
  status: FleetStatus,
  { notes, ...look }: OneResult & { notes: readonly string[] },
): Promise<void> {
  const name = itemRows(status).map(({ first }) => itemKey(first));
  const { isNamesOnly, isForReading } = printer.format;
  if (!isNamesOnly || name.length > 0) await printOne(printer, { ...look, name });
  if (!isForReading) return;
  for (const note of notes) printer.note(note);
  const hint = printer.isForPerson ? hintAt(context, status) : undefined;
  if (hint !== undefined) printer.hint(hint);
}

export async function printRows(
  printer: Printer,
  rows: readonly StatusRow[],
  { columns, empty }: { columns: readonly Column<StatusRow>[]; empty: string },
): Promise<void> {
  await printList<StatusRow>(printer, {
    items: rows,
    columns: withoutCount(columns),
    json: (row) => row,
    name: ({ first }) => itemKey(first),
    empty,
  });
}

async function printPiped(printer: Printer, status: FleetStatus): Promise<void> {
  const { unreadable, notReady, names, broken } = status;
  if (status.title !== undefined) printer.note(status.title);
  await printer.line(pipedCounts(status));
  warnOfBrokenLedgers(printer, broken);
  for (const { deployment_id } of notReady)
    printer.warn(`${names.deployment(deployment_id)} isn't ready: skipped`);
  const empty = `${nothingOf(status.reach)} needs attention`;
  await printRows(printer, status.rows, { columns: rowColumns(status.at), empty });
  for (const line of [...mayHaveRunLines(status), ...restLines(status)]) printer.note(line);
  for (const { deployment, error } of unreadable) {
    printer.warn(`can't be read: ${names.deployment(deployment.deployment_id)}: ${messageOf(error)}`);
  }
}

async function renderFleetStatus(
  status: FleetStatus,
  { style, columns }: StatusRenderOptions,
): Promise<string> {
  const { fixed, timed } = headOf(status, { style, columns });
  const head = [...fixed, ...timed].map((line) => `${line}\n`);
  const table = await renderTable(itemRows(status).slice(0, status.room), rowColumns(status.at), {
    width: columns,
    style,
  });
  const more = moreText(status);
  const below = more === undefined ? "" : `${safe(more, "cell")}\n`;
  return head.join("") + (table === "" ? "" : `\n${table}`) + below;
}

export function moreText({ rows, room, facts, listCommand, overdueFlags, failures }: FleetStatus) {
  const left = itemRows({ rows }).length - room;
  if (left <= 0) return undefined;
  // Here it is the command's own filter, and adding another would list more.
  if (failures !== undefined) return `… ${left} more: ${listCommand}`;
  const isUnexpected = countOf(facts, "unexpected") > 0;
  return `… ${left} more: ${listCommand}${isUnexpected ? " --unexpected" : ""} --failing --waiting ${overdueFlags}`;
}

function hintAt(context: Context, { rows, names, selectors }: FleetStatus): string | undefined {
  const [worst] = itemRows({ rows });
  if (worst?.problem === "waiting")
    return `to answer them one by one: ${commandLine(context, ["runs", "answer", ...selectors])}`;
  return worst && `to see its runs: ${commandLine(context, ["automations", "get", names.ref(worst.first)])}`;
}

function whyNothing(
  { facts, automationNames, unreadable }: FleetStatus,
  { match }: Selection,
): string | undefined {
  if (facts.automations > 0 || unreadable.length > 0) return undefined;
  if (automationNames.length === 0) return undefined;
  return noMatchText(match, automationNames) ?? "nothing to show: --except excludes everything";
}

function statusJson(status: FleetStatus): Record<string, unknown> {
  const { facts, at, deployments, total, unreadable, notReady, unproven } = status;
  return {
    checked_at: formatRfc3339(at),
    deployments: {
      selected: deployments.length,
      total,
      unreadable: unreadable.map(({ deployment: { deployment_id, name = null }, error }) => ({
        deployment_id,
        name,
        error: messageOf(error),
      })),
      not_ready: notReady.map(({ deployment_id }) => deployment_id),
    },
    automations: {
      total: facts.automations,
      enabled: facts.enabled,
      paused: facts.paused,
      runs_a_day: Number(facts.runsADay.toPrecision(4)),
      running: facts.running,
      waiting: countOf(facts, "waiting"),
      unexpected: countOf(facts, "unexpected"),
      failing: countOf(facts, "failing"),
      overdue: countOf(facts, "overdue"),
    },
    // The newest runs prove only a minimum.
    at_least: [
      ...["running", "waiting"],
      ...(facts.mayHaveRun > 0 ? ["unexpected"] : []),
      ...(unproven.length > 0 ? ["overdue"] : []),
    ],
    paused_by: facts.pausedBy,
    within_the_hour: dueSoon(facts.dueNext, at).map((item) => ({
      at: formatRfc3339(item.at),
      deployment_id: item.deployment_id,
      automation_id: item.automation_id,
      name: item.name ?? null,
    })),
    needs_attention: status.rows.map((row) => rowJson(row, at)),
  };
}

/** A row of `needs_attention`. */
export function rowJson(row: StatusRow, now: Date): Record<string, unknown> {
  const { problem, first, stop, sinceMs, detail, since: ran, over } = row;
  const { automation, deployment_id, deployment_name = null, customer_id = null } = first;
  const isRead = detail !== undefined && detail.error === undefined;
  const waiting = waitingRuns(detail?.automation ?? {});
  const since = sinceMs === undefined ? null : formatRfc3339(sinceMs);
  if (problem === "stopped") {
    const { automations, user: paused_by = null } = stop ?? {};
    return { state: problem, incident: first.automation_id || null, automations, paused_by, since };
  }
  return {
    state: problem,
    deployment_id,
    automation_id: first.automation_id,
    name: first.name ?? null,
    last_run_at: automation.last_run_at ?? null,
    last_run_status: automation.last_run_status ?? null,
    ...(isRead && !isDue({ problem }) ? { run_id: detail.run?.run_id ?? null } : {}),
    ...(isRead && problem === "waiting" ? { question: detail.question ?? null } : {}),
    ...(isRead && waiting > 0 ? { waiting_runs: waiting } : {}),
    ...(isRead && problem === "failing" ? { error: detail.run?.error ?? null } : {}),
    ...failuresJson(failuresOf(row, now)),
    ...(ran === undefined ? {} : { run_id: ran.unexpected[0]?.run_id ?? null, ...sinceJson(ran) }),
    ...(over === undefined && isDue({ problem }) ? { due_at: since } : {}),
    customer_id,
    deployment_name,
  };
}
