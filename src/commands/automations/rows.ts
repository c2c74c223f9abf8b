import type { Automation } from "../../api/types.js";
import type { Context } from "../../context.js";
import { isNotReady } from "../../fleet/readiness.js";
import { automationFilter, type DeploymentTarget, type Selection } from "../../fleet/selection.js";
import { sortRows } from "../../output/list.js";
import type { Printer } from "../../output/printer.js";
import type { Column } from "../../output/table.js";
import { describeSchedule } from "../../schedule/describe.js";
import { loadIncidentMarks } from "../incident-marks.js";
import { readAhead } from "../read-ahead.js";
import { take } from "../take.js";
import type { AutomationRow } from "./automation-columns.js";
import type { IsLate } from "./lateness.js";

interface ReadOptions {
  targets: readonly DeploymentTarget[];
  printer: Printer;
}

/**
 * The automations of every target, deployment by deployment, in the server's order: of one deployment page by page as
 * they are needed, of many with the next deployments read ahead.
 */
export async function* readRows(
  context: Context,
  { targets, printer }: ReadOptions,
): AsyncGenerator<AutomationRow> {
  const client = await context.client();
  const marksOf = await loadIncidentMarks(context);
  const list = ({ deploymentId }: DeploymentTarget, signal: AbortSignal) =>
    client.automations.list(deploymentId, { limit: 100 }, { signal });
  const toRow = async (target: DeploymentTarget, automation: Automation): Promise<AutomationRow> => ({
    automation,
    deploymentId: target.deploymentId,
    deploymentName: target.name,
    customerId: target.customerId,
    marks: marksOf(target.deploymentId, automation),
    scheduleWords: await describeSchedule(automation.schedule),
  });
  const [only] = targets;
  if (only !== undefined && targets.length === 1) {
    for await (const automation of list(only, context.signal)) yield toRow(only, automation);
    return;
  }
  const readings = readAhead(targets, async (target, left) => {
    const automations: Automation[] = [];
    const signal = AbortSignal.any([context.signal, left]);
    for await (const automation of list(target, signal)) automations.push(automation);
    return automations;
  });
  for await (const { item: target, result } of readings) {
    if (result.status === "fulfilled") {
      for (const automation of result.value) yield toRow(target, automation);
    } else if (isNotReady(result.reason)) {
      printer.warn(`${target.name} (${target.deploymentId}) isn't ready: left out`);
    } else throw result.reason;
  }
}

export interface RowFilters {
  selection: Selection;
  enabled?: boolean;
  /** Those whose last run ended in error. */
  failing: boolean;
  /** Those of which a run waits for a human. */
  waiting: boolean;
  /** Those that should have run and didn't; with `failing` and `waiting` any of the three is enough. */
  isLate?: IsLate;
  limit?: number;
  sort?: string;
}

interface Arrangement {
  filters: RowFilters;
  columns: readonly Column<AutomationRow>[];
}

/** Filter, then sort, then limit; without a sort the rows are passed on as they come. */
export async function arrangeRows(
  rows: AsyncIterable<AutomationRow>,
  { filters, columns }: Arrangement,
): Promise<AsyncIterable<AutomationRow> | AutomationRow[]> {
  const filtered = filterRows(rows, filters);
  if (filters.sort === undefined)
    return filters.limit === undefined ? filtered : take(filtered, filters.limit);
  const all: AutomationRow[] = [];
  for await (const row of filtered) all.push(row);
  return sortRows(all, columns, filters.sort).slice(0, filters.limit);
}

async function* filterRows(
  rows: AsyncIterable<AutomationRow>,
  filters: RowFilters,
): AsyncGenerator<AutomationRow> {
  const isSelected = automationFilter(filters.selection);
  for await (const row of rows) {
    const { automation } = row;
    if (!isSelected(automation)) continue;
    if (filters.enabled !== undefined && automation.enabled !== filters.enabled) continue;
    const marks = await troubles(row, filters);
    if (marks === undefined) yield row;
    else if (marks.length > 0) yield { ...row, marks };
  }
}

/** Which of the troubles that were asked for it has; undefined where none was asked for. */
async function troubles(row: AutomationRow, filters: RowFilters): Promise<string[] | undefined> {
  const { failing, waiting, isLate } = filters;
  if (!failing && !waiting && isLate === undefined) return undefined;
  const { last_run_status: last } = row.automation;
  return [
    ...(failing && last === "error" ? ["failing"] : []),
    ...(isLate !== undefined && (await isLate(row)) ? ["late (estimate)"] : []),
    ...(waiting && last === "waiting_on_human" ? ["waiting"] : []),
  ];
}
