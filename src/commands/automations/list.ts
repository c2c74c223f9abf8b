import type { Command } from "commander";
import type { Context } from "../../context.js";
import { exitCodes, QuietExit } from "../../errors.js";
import { type DeploymentTarget, selectsDeployments } from "../../fleet/selection.js";
import { printList, selectColumns } from "../../output/list.js";
import { createPrinter } from "../../output/printer.js";
import { readCount, refuseTogether } from "../flag-values.js";
import { addSelectionFlags, readSelection, resolveDeployments, type SelectionFlags } from "../targets.js";
import { type AutomationRow, automationColumns } from "./automation-columns.js";
import { automationJson } from "./automation-view.js";
import { arrangeRows, type RowFilters, readRows } from "./rows.js";

interface ListFlags extends SelectionFlags {
  limit?: string;
  enabled?: boolean;
  paused?: boolean;
  failing?: boolean;
  exitCode?: boolean;
  sort?: string;
  columns?: string;
}

export interface ListOptions extends RowFilters {
  exitCode: boolean;
  columns?: string[];
}

export function addListCommand(parent: Command, context: Context): void {
  const command = parent
    .command("list")
    .description("List the automations of one deployment or many: schedule, status, last run, next run.")
    .option("--limit <n>", "at most this many (default: all)")
    .option("--enabled", "those that fire")
    .option("--paused", "those that don't")
    .option("--failing", "those whose last run ended in error")
    .option("--exit-code", "end with 9 if anything is listed")
    .option("--sort <column>", "by a column: name, schedule, status, last, next, id")
    .option("--columns <a,b,c>", "only these columns, in this order");
  addSelectionFlags(command)
    .addHelpText(
      "after",
      "\nIn a pipe: name, schedule, status, last run, next run, id, separated by tabs\n(with several deployments the deployment's id first).\n\nExamples:\n  herm automations list\n  herm automations list --all-deployments --failing --exit-code",
    )
    .action((flags: ListFlags) => listAutomations(context, readFlags(context, flags)));
}

function readFlags(context: Context, flags: ListFlags): ListOptions {
  refuseTogether({ "--enabled": flags.enabled, "--paused": flags.paused });
  const limit = readCount("--limit", flags.limit);
  return {
    selection: readSelection(context, flags),
    ...(limit === undefined ? {} : { limit }),
    ...(flags.enabled === true ? { enabled: true } : flags.paused === true ? { enabled: false } : {}),
    failing: flags.failing === true,
    exitCode: flags.exitCode === true,
    ...(flags.sort === undefined ? {} : { sort: flags.sort }),
    ...(flags.columns === undefined ? {} : { columns: flags.columns.split(",").map((key) => key.trim()) }),
  };
}

/** Prints the automations that the filters let through: filter, then sort, then limit; without `--sort` as they come. */
export async function listAutomations(context: Context, options: ListOptions): Promise<void> {
  const printer = await createPrinter(context);
  const isFleet = selectsDeployments(options.selection) && options.selection.deployments.length !== 1;
  const all = automationColumns(context.now(), { withDeployment: isFleet });
  const columns = selectColumns(all, options.columns);
  const targets = await resolveDeployments(context, options.selection);
  const rows = await arrangeRows(readRows(context, { targets, printer }), { filters: options, columns: all });
  const count = await printList<AutomationRow>(printer, {
    format: context.settings.output,
    items: rows,
    columns,
    json: (row) => ({
      ...automationJson(row.automation, row.deploymentId),
      ...(isFleet ? { customer_id: row.customerId } : {}),
    }),
    name: (row) =>
      isFleet ? `${row.deploymentId}/${row.automation.automation_id}` : row.automation.automation_id,
    empty: emptyText(options),
    total: (total) => totalText(total, targets),
  });
  if (options.exitCode && count > 0) throw new QuietExit(exitCodes.found);
}

function emptyText(options: ListOptions): string {
  const isFiltered =
    options.enabled !== undefined || options.failing || options.selection.match !== undefined;
  return isFiltered
    ? "no automation fits these filters"
    : 'no automations yet. The first:\n  herm automations create --name "Weekly video variations" --schedule "every Monday at 9am" --instructions "…"';
}

function totalText(total: number, targets: readonly DeploymentTarget[]): string {
  const automations = `${total} automation${total === 1 ? "" : "s"}`;
  return targets.length === 1 ? automations : `${automations} in ${targets.length} deployments`;
}
