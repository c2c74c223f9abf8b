/** The command `runs list`, once or watched. */

import { isFinal } from "../../../api/schema.js";
import type { Run, RunStatus } from "../../../api/types.js";
import { declareCommand, type InputOf, requestCodes } from "../../../command/declaration.js";
import { advanced, choice, count, flag, inGroup, optional, time, wordList } from "../../../command/flags.js";
import type { GivenTime, WindowAt } from "../../../command-line/time-window.js";
import type { Context } from "../../../context/context.js";
import { exitCodes, QuietExit } from "../../../errors/cli-errors.js";
import { isOfSeveral, type Selection } from "../../../fleet/selection.js";
import { once } from "../../../operations/lazy-value.js";
import { reportUnreadable, unreadableError } from "../../../operations/rows/progress.js";
import { type AutomationSources, sourcesOf } from "../../../operations/selection/selected-automations.js";
import { readSelection, selectionFlags } from "../../../operations/selection/selection-flags.js";
import { deploymentFirst, pipedFields } from "../../../output/columns.js";
import { countedOf } from "../../../output/count.js";
import { printList, selectColumns, sortRows } from "../../../output/print-list.js";
import { createPrinter, type Printer, requireScreen } from "../../../output/printer.js";
import type { Column } from "../../../output/render-table.js";
import { foldRuns, type RunRow, runJson, runRef } from "../../../runs/run-row.js";
import { collectRuns } from "./collect-runs.js";
import { runColumns, runFields, runKeys, runPlaceColumn } from "./run-columns.js";
import type { Questions } from "./waiting-questions.js";

const columnKeys = [...runKeys, ...runFields];
const shownKeys = [...runKeys, "question", ...runFields];

export const command = declareCommand({
  effect: "reads",
  arguments: {
    ref: optional("ref", "an automation: id, exact name or <deployment>/<name>", {
      completes: "refs",
    }),
  },
  flags: {
    ...inGroup("Which ones", {
      failed: flag("only failed runs"),
      waiting: flag("only waiting runs, with their questions"),
      running: flag("only runs in progress"),
      completed: advanced(flag("only completed runs")),
      since: time("only runs started since a time: 12h, yesterday, 9am, mon"),
      until: advanced(time("only runs started before a time")),
    }),
    ...selectionFlags,
    // In this command, --failing is about runs.
    failing: flag("the same as --failed", { isHidden: true }),
    ...inGroup("Output", {
      watch: flag("redraw in place and mark changes; q or Ctrl-C stops", { excludes: ["exitCode"] }),
      verbose: advanced(flag("every run in its own row, even failures with the same error")),
      exitCode: advanced(flag("exit with 9 if anything is listed")),
      sort: advanced({
        ...choice("column", `by ${runKeys.join(", ")}, or a JSON field`, columnKeys),
        offers: runKeys,
      }),
      columns: advanced(
        wordList(`only these, in this order: columns, or the JSON fields ${runFields.join(", ")}`, shownKeys),
      ),
      limit: advanced(count("at most this many (default: all)")),
    }),
  },
  help: {
    about: "List recent runs of an automation, a deployment or a fleet, newest first.",
    use: "Find out which runs failed last night, for example; then open one with runs show. --failed, --completed, --running and --waiting together list runs that match any of them. The API keeps only an automation's most recent runs; if --since reaches further back, the output says how far they go.",
    notes:
      "A time is a duration ago (2h), the start of a day (yesterday, mon, a date), the most recent time of day (9am), both (mon 9am), or RFC 3339; local unless it names a zone.",
    inPipe: `${pipedFields(runColumns(new Date(0), { withDeployment: false }))} ${deploymentFirst}; with --waiting alone also the question`,
    exitCodes: requestCodes({
      8: "some deployments could not be read",
      9: "with --exit-code, if anything is listed",
    }),
    examples: [
      'herm runs list "Weekly video variations"',
      "herm runs list --failed --since 12h --all-deployments",
      "herm runs list --waiting --all-deployments",
    ],
  },
  run: (context, input): Promise<void> => printRuns(context, readInput(context, input)),
});

function readInput(context: Context, input: InputOf<typeof command>): RunListOptions {
  return {
    ...input,
    selection: readSelection(context, { ...input, failing: false }),
    statuses: statusesOf(input),
  };
}

/** Empty if any status is allowed. */
function statusesOf({ failed, failing, completed, running, waiting }: InputOf<typeof command>): RunStatus[] {
  const statuses: [RunStatus, boolean][] = [
    ["error", failed || failing],
    ["completed", completed],
    ["running", running],
    ["waiting_on_human", waiting],
  ];
  return statuses.flatMap(([status, isGiven]) => (isGiven ? [status] : []));
}

interface RunListOptions {
  ref: string | undefined;
  selection: Selection;
  /** Empty if any status is allowed. */
  statuses: readonly RunStatus[];
  since: GivenTime | undefined;
  until: GivenTime | undefined;
  limit: number | undefined;
  exitCode: boolean;
  sort: string | undefined;
  columns: readonly string[] | undefined;
  watch: boolean;
  verbose: boolean;
}

/** Prints the selected runs. Throws PartialFailureError if some reads failed. */
async function printRuns(context: Context, options: RunListOptions): Promise<void> {
  const { ref, selection, exitCode } = options;
  const printer = await createPrinter(context);
  if (options.watch) requireScreen(printer);
  const isFleet = isOfSeveral(selection);
  const moreColumns = await loadMoreColumns(options);
  const impliedStatus =
    options.columns === undefined && options.statuses.length === 1 ? options.statuses[0] : undefined;
  const questions = questionsOf(options, { printer });
  const questionOf = questions && ((row: RunRow) => questions.get(row));
  const columnOptions = { withDeployment: isFleet, impliedStatus, questionOf };
  const columnsAt = (now: Date) =>
    selectColumns(runColumns(now, columnOptions), options.columns, moreColumns(now, columnOptions));
  const allColumnsAt = (now: Date) => [...runColumns(now, columnOptions), ...moreColumns(now, columnOptions)];
  // Called now so that columns it can't read are refused before any request.
  columnsAt(context.now());
  const windowAt = await loadWindow(options);
  const where = await sourcesOf(context, { refs: ref === undefined ? [] : [ref], selection });
  const read = { options, where, windowAt, printer, allColumnsAt, questions };
  if (options.watch) return watchRuns(context, read, columnsAt);
  const runs = await readRuns(context, read);
  const { listed, shown, collected, fitting } = runs;
  const count = await printList<RunRow>(printer, {
    items: shown,
    columns: columnsAt(context.serverNow()),
    json: (row) => ({
      ...runJson(row),
      ...(questionOf && { question: questionOf(row) ?? null }),
    }),
    name: (row) => row.run.run_id,
    deploymentOf: isFleet ? (row) => row : undefined,
    empty: async () => whyEmpty(context, runs, options),
    total: () => totalText(listed.length, fitting, options),
  });
  await printDepth(context, runs, { printer, options });
  await reportUnreadable(collected.unreadable, { printer, settings: context.settings });
  if (exitCode && count > 0) throw new QuietExit(exitCodes.found);
}

/** An empty map to fill, if the column is requested or only waiting runs are listed; otherwise undefined. */
function questionsOf(
  { columns, statuses }: RunListOptions,
  { printer }: { printer: Printer },
): Questions | undefined {
  if (printer.format.isNamesOnly) return undefined;
  const isShown =
    columns?.includes("question") ?? (statuses.length === 1 && statuses[0] === "waiting_on_human");
  return isShown ? new WeakMap() : undefined;
}

async function watchRuns(
  context: Context,
  reading: RunListView,
  columns: (now: Date) => Column<RunRow>[],
): Promise<void> {
  let total = "";
  const { watchRows } = await import("../../../operations/rows/watch-rows.js");
  return watchRows<RunRow>(context, {
    read: async ({ isFirst }) => {
      const runs = await readRuns(context, { ...reading, isSilent: !isFirst });
      total = totalText(runs.listed.length, runs.fitting, reading.options);
      return { rows: runs.shown, problem: unreadableError(runs.collected.unreadable) };
    },
    columns,
    // The id of the oldest run, so that one more run that is equal doesn't add a row.
    idOf: (row) => runRef({ ...row, run: row.alike?.at(-1) ?? row.run }),
    total: () => total,
  });
}

async function whyEmpty(
  context: Context,
  { collected, window }: RunsRead,
  options: RunListOptions,
): Promise<string> {
  const { facts, seen, rows } = collected;
  if (facts.names.length === 0 && seen.length === 0) return "no runs yet: no automations were found";
  const { whyNoRuns } = await import("./why-runs-empty.js");
  const { statuses, selection } = options;
  return whyNoRuns(context, {
    facts,
    seen,
    statuses,
    window,
    match: selection.match,
    count: rows.length,
    now: context.serverNow(),
  });
}

async function loadWindow({ since, until }: RunListOptions): Promise<WindowAt> {
  if (since === undefined && until === undefined) return () => ({ since, until });
  const { loadWindow: load } = await import("../../../command-line/time-window.js");
  return load({ since, until });
}

async function loadMoreColumns({ columns, sort }: RunListOptions): Promise<typeof runColumns> {
  if (columns === undefined && sort === undefined) return () => [];
  const { fieldColumns } = await import("../../../output/table/field-columns.js");
  return (now, { withDeployment }) => {
    const jsonOf = (row: RunRow) => {
      const { customer_id, deployment_name } = row;
      return { ...runJson(row), customer_id, deployment_name };
    };
    const fields = fieldColumns(runFields, { now, jsonOf });
    return withDeployment ? fields : [runPlaceColumn, ...fields];
  };
}

interface RunListView {
  options: RunListOptions;
  windowAt: WindowAt;
  where: AutomationSources;
  printer: Printer;
  allColumnsAt(now: Date): Column<RunRow>[];
  questions: Questions | undefined;
  isSilent?: boolean;
}

/** Filters, sorts and then limits; without a sort, the newest come first. */
async function readRuns(
  context: Context,
  { options, where, windowAt, printer, allColumnsAt, questions, isSilent }: RunListView,
) {
  const { selection, statuses, limit, sort } = options;
  const window = once(() => windowAt(context.serverNow()));
  const fits = ({ status }: Run) =>
    statuses.length === 0 || (typeof status === "string" && statuses.includes(status));
  const mayStopEarly = limit !== undefined && sort === undefined && statuses.every(isFinal);
  const collected = await collectRuns(context, {
    ...where,
    selection,
    window,
    newest: mayStopEarly ? { limit, fits } : undefined,
    printer,
    isSilent,
  });
  const fitting = collected.rows.filter(({ run }) => fits(run));
  const sorted = sort === undefined ? fitting : sortRows(fitting, allColumnsAt(context.serverNow()), sort);
  const count = collected.isComplete ? fitting.length : undefined;
  const listed = sorted.slice(0, limit);
  if (questions !== undefined) {
    const { readQuestions } = await import("./waiting-questions.js");
    await readQuestions(context, listed, questions);
  }
  const isFolded = printer.isForPerson && !options.verbose && sort === undefined;
  return {
    ...{ listed, fitting: count, collected, window: window() },
    shown: isFolded ? foldRuns(listed) : listed,
  };
}

function totalText(
  count: number,
  total: number | undefined,
  { limit, sort }: Pick<RunListOptions, "limit" | "sort">,
): string {
  return countedOf(count, "run", { limit, total, rank: sort === undefined ? "newest" : "first" });
}

type RunsRead = Awaited<ReturnType<typeof readRuns>>;

async function printDepth(
  context: Context,
  { listed, collected: { seen }, window }: RunsRead,
  { printer, options }: { printer: Printer; options: RunListOptions },
): Promise<void> {
  const { limit, sort } = options;
  const asked = window.since ?? window.until;
  if (asked === undefined) return;
  const { printReach } = await import("./runs-reach.js");
  const now = context.serverNow();
  const isCut = listed.length === limit && sort === undefined;
  const oldest = isCut ? listed.at(-1)?.run.started_at : undefined;
  printReach(printer, { seen, from: oldest ? new Date(oldest) : asked, now });
}
