import { commandLine, sameDeployment } from "../../../command-line/next-command.js";
import type { Context } from "../../../context/context.js";
import { exitCodes, QuietExit } from "../../../errors/cli-errors.js";
import { type DeploymentTarget, isOfSeveral } from "../../../fleet/selection.js";
import { resolveDeployments, widenSelection } from "../../../operations/selection/resolve.js";
import { warnOfUnmatched } from "../../../operations/selection/selection-flags.js";
import { countedOf } from "../../../output/count.js";
import { printList, selectColumns } from "../../../output/print-list.js";
import { createPrinter, type Printer, requireScreen } from "../../../output/printer.js";
import type { Column } from "../../../output/render-table.js";
import { errWidth } from "../../../output/sink.js";
import { factSeparator } from "../../../output/style.js";
import {
  type AutomationRow,
  automationColumns,
  automationFields,
  automationJson,
  placeColumn,
  rowJson,
  stateJson,
} from "../shared/automation-columns.js";
import type { OverdueQuestion, OverdueRuns } from "../shared/overdue.js";
import type { EarlierRows } from "./earlier-rows.js";
import {
  arrangePages,
  type Finders,
  nothingRead,
  type ReadSoFar,
  type RowFilters,
  readPages,
} from "./list-rows.js";

export interface AutomationListOptions extends RowFilters {
  graceMs: number;
  exitCode: boolean;
  columns?: readonly string[] | undefined;
  watch: boolean;
}

/** Filters, sorts and then limits; without `--sort`, prints rows as they arrive. */
export async function printAutomations(context: Context, options: AutomationListOptions): Promise<void> {
  const printer = await createPrinter(context);
  if (options.watch) requireScreen(printer);
  let isFleet = isOfSeveral(options.selection);
  const moreColumns = await loadMoreColumns(options);
  const columnsAt = (now: Date) => {
    const shape = { withDeployment: isFleet };
    return selectColumns(automationColumns(now, shape), options.columns, moreColumns(now, shape));
  };
  // Called now so that an unknown column is refused before any request.
  columnsAt(context.now());
  const { selection } = options;
  const asked = printer.stdoutIsTty ? widenSelection(context, selection) : selection;
  const targets = await resolveDeployments(context, asked);
  isFleet ||= targets.length > 1;
  await noteReach(context, { options, targets, printer });
  const isByRuns = options.unexpected || options.selection.failures !== undefined;
  const finding = { ...options, printer, isFleet: targets.length > 1, isSilent: options.watch };
  const findByRuns = isByRuns
    ? await (await import("./runs-filter.js")).runsFinder(context, finding)
    : undefined;
  const list = { options, targets, printer, isFleet, columnsAt, moreColumns, findByRuns };
  return options.watch ? watchList(context, list) : printOnce(context, list);
}

interface AskedList {
  options: AutomationListOptions;
  targets: readonly DeploymentTarget[];
  printer: Printer;
  isFleet: boolean;
  columnsAt(now: Date): Column<AutomationRow>[];
  moreColumns: typeof automationColumns;
  findByRuns: Finders["findByRuns"];
}

/** Notes which automations a list of problems doesn't cover. */
async function noteReach(
  context: Context,
  { options, targets, printer }: Pick<AskedList, "options" | "targets" | "printer">,
): Promise<void> {
  const { overdue, unexpected, waiting, selection } = options;
  if (!overdue && !unexpected && !waiting && selection.failures === undefined) return;
  const { reachLine, readReach } = await import("../../../operations/rows/reach.js");
  const soFar = await readReach(context, printer, { deployments: targets, selection });
  if (soFar !== undefined) printer.note(reachLine(soFar, "not shown"));
}

async function watchList(context: Context, list: AskedList): Promise<void> {
  const [{ watchRows }, { EarlierRows }] = await Promise.all([
    import("../../../operations/rows/watch-rows.js"),
    import("./earlier-rows.js"),
  ]);
  const earlier = new EarlierRows(context);
  let soFar = nothingRead();
  return watchRows<AutomationRow>(context, {
    read: async () => {
      soFar = nothingRead();
      const rows: AutomationRow[] = [];
      for await (const page of await readArranged(context, list, { soFar, earlier })) rows.push(...page);
      return { rows, problem: (await readingOf(soFar))?.unreadableError(soFar.unreadable) };
    },
    columns: list.columnsAt,
    idOf: ({ deployment_id, automation }) => `${deployment_id}/${automation.automation_id}`,
    readMs: (row) => row.readMs,
    total: (count) => totalText(count, list, soFar),
  });
}

async function printOnce(context: Context, list: AskedList): Promise<void> {
  const { options, targets, printer, isFleet, columnsAt } = list;
  const soFar = nothingRead();
  const rowPages = await readArranged(context, list, { soFar });
  const count = await printList<AutomationRow>(printer, {
    items: { rowPages },
    columns: () => columnsAt(context.serverNow()),
    json: (row) => {
      if (row.invalid !== undefined) return row.invalid.entry;
      return { ...automationJson(row.automation, row.deployment_id), ...row.extraJson, ...stateJson(row) };
    },
    name: (row) => row.automation.automation_id,
    deploymentOf: isFleet ? (row) => (row.invalid === undefined ? row : undefined) : undefined,
    empty: async () => {
      if (soFar.listed === 0 && soFar.unreadable.length > 0) return "nothing to list among those read";
      if (soFar.listed === 0 && targets.length > 0) return firstText(context);
      const { whyNothingListed } = await import("./why-list-empty.js");
      return whyNothingListed(soFar, options);
    },
    total: (count) => totalText(count, list, soFar),
  });
  if (soFar.mayHaveRun > 0) {
    const { doubtText } = await import("../../../operations/rows/runs-reader.js");
    printer.note(doubtText(soFar.mayHaveRun));
  }
  if (count !== options.limit) warnOfUnmatched(printer, options.selection);
  await (await readingOf(soFar))?.reportUnreadable(soFar.unreadable, { printer, settings: context.settings });
  if (options.exitCode && count > 0) throw new QuietExit(exitCodes.found);
}

async function readingOf({ unreadable }: ReadSoFar) {
  return unreadable.length === 0 ? undefined : import("../../../operations/rows/progress.js");
}

/** Extra columns for `--columns` and `--sort`: the JSON fields and, for a single deployment, its column. */
async function loadMoreColumns({ columns, sort }: AutomationListOptions): Promise<typeof automationColumns> {
  if (columns === undefined && sort === undefined) return () => [];
  const { fieldColumns } = await import("../../../output/table/field-columns.js");
  return (now, { withDeployment }) => {
    const fields = fieldColumns(automationFields, { now, jsonOf: rowJson });
    return withDeployment ? fields : [placeColumn, ...fields];
  };
}

async function readArranged(
  context: Context,
  { options, targets, printer, isFleet, moreColumns, findByRuns }: AskedList,
  { soFar, earlier }: { soFar: ReadSoFar; earlier?: EarlierRows },
): Promise<AsyncIterable<AutomationRow[]>> {
  const dueMsOf =
    options.overdue || printer.format.isNamesOnly !== true ? dueFinder(context, options) : undefined;
  const columnOptions = { withDeployment: isFleet };
  const now = context.serverNow();
  const columns = [...automationColumns(now, columnOptions), ...moreColumns(now, columnOptions)];
  const readsAhead = options.limit === undefined || options.sort !== undefined;
  const inWords = printer.isForPerson;
  const pages = readPages(context, { targets, printer, inWords, readsAhead, soFar, earlier });
  return arrangePages(
    pages,
    {
      ...options,
      dueMsOf: dueMsOf && (earlier?.remembering(dueMsOf) ?? dueMsOf),
      findByRuns,
    },
    soFar,
    columns,
  );
}

/** Finds overdue times. Only with `--overdue` does it ask the API, or throw. Loads no code before the first row. */
function dueFinder(context: Context, { overdue, graceMs }: AutomationListOptions) {
  let runs: Promise<OverdueRuns> | undefined;
  return async (question: OverdueQuestion): Promise<number | undefined> => {
    runs ??= import("../shared/overdue.js").then(({ OverdueRuns }) => new OverdueRuns(context, graceMs));
    const asked = await runs;
    return overdue ? asked.read(question) : asked.dueMsOf(question).catch(() => undefined);
  };
}

async function firstText(context: Pick<Context, "io" | "settings">): Promise<string> {
  const create = commandLine(context, ["automations", "create", ...sameDeployment(context)]);
  const atOnce = `${create} --name "Weekly video variations" --schedule "every Monday at 9am" --instructions "…"`;
  const lines = await linesOf(atOnce, errWidth(context));
  const asking = context.io.canPrompt ? [`  ${create}   walks you through it; or in one go:`] : [];
  return ["no automations yet. To create the first:", ...asking, ...lines].join("\n");
}

/** Wraps a command so that it can be pasted into a shell at any width. */
async function linesOf(command: string, width: number | undefined): Promise<string[]> {
  if (width === undefined) return [`  ${command}`];
  const { commandLines } = await import("../../../help/layout.js");
  return commandLines(command, width);
}

function totalText(
  count: number,
  { targets, printer, options: { limit, overdue } }: AskedList,
  soFar: ReadSoFar,
): string {
  const automations = countedOf(count, "automation", { limit, total: soFar.total });
  const where = targets.length === 1 ? "" : ` in ${targets.length} deployments`;
  return automations + where + (overdue ? `${factSeparator(printer.style)}overdue is an estimate` : "");
}
