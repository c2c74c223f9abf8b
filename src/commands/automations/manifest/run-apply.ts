import type { Context } from "../../../context.js";
import { DeclinedError, PartialFailureError, UsageError } from "../../../errors.js";
import type { ItemResult } from "../../../fleet/execute.js";
import { failureOf } from "../../../fleet/failure.js";
import {
  checkDeletions,
  type DeploymentPlan,
  refusalsOf,
  type Task,
  tasksOf,
} from "../../../manifest/fleet-plan.js";
import { createPrinter, type Printer } from "../../../output/printer.js";
import { safe } from "../../../output/safe.js";
import { type MadeTwice, madeTwiceText } from "../../sending/made-twice.js";
import { carryOut, type Doings } from "./carry-out.js";
import { annotateRows, writeStepSummary } from "./github.js";
import { countsText, type ManifestPlanView, renderPlan, resultsText, tellTogether } from "./plan-view.js";
import { makePlans, type Planning } from "./plans.js";
import { type RepeatOptions, removeTwinsCommand, repeatCommand } from "./repeat.js";
import { type ChangeRow, printManifestRows, rowsOf, type TaskResult } from "./rows.js";

const defaultMostDeletes = 5;

export interface ApplyOptions extends RepeatOptions {
  dryRun: boolean;
  /** A person gets every row, planned and done. */
  verbose: boolean;
  maxFailures?: number;
  /** In milliseconds. */
  waitReady: number;
}

/**
 * Applies manifests: reads, plans, shows, asks, carries out, and says what became of each (src/manifest/README.md).
 * Throws what failureOf makes of the failures, with the command that applies those alone.
 */
export async function applyManifests(context: Context, options: ApplyOptions): Promise<void> {
  const canAsk = context.io.canPrompt && !options.files.includes("-");
  const mayChange = options.yes || options.dryRun || canAsk;
  if (options.prune && !mayChange) throw new UsageError("--prune needs --yes when there is nobody to ask");
  const printer = await createPrinter(context);
  const { plans, planAgain, tellPeaks } = await makePlans(context, {
    options,
    printer,
    resumePaused: options.resumePaused,
    removeTwins: options.removeTwins,
    refusesUnfitted: true,
    isToBeApplied: !options.dryRun,
    waitReadyMs: options.waitReady,
  });
  if (options.dryRun) return finishDryRun(context, { options, printer, plans, tellPeaks });
  checkDeletions(plans, options.maxDeletes ?? defaultMostDeletes);
  const tasks = tasksOf(plans);
  const isAsked = tasks.length > 0 && canAsk && !options.yes;
  const isShown = printer.format.isInWords && !context.settings.flags.quiet;
  if (isShown || isAsked) {
    const width = context.io.stderrIsTty ? printer.columns : undefined;
    const view = { style: printer.errStyle, width, isVerbose: options.verbose };
    printer.err(await planText(context, { rows: rowsOf(plans), count: plans.length, view }));
    await tellPeaks();
  }
  checkConfirmation(tasks, mayChange);
  if (isAsked) await confirm(context, { tasks, plans });
  const doings =
    tasks.length === 0 ? nothing : await carryOut(context, { ...options, tasks, planAgain, printer });
  await finish(context, { options, printer, plans, ...doings });
}

const nothing: Doings = { results: [], madeTwice: [], warn: () => undefined, tellUndo: () => undefined };

interface Ending {
  options: ApplyOptions;
  printer: Printer;
  plans: readonly DeploymentPlan[];
}

async function finishDryRun(
  context: Context,
  { options, printer, plans, tellPeaks }: Ending & Pick<Planning, "tellPeaks">,
): Promise<void> {
  const rows = rowsOf(plans);
  await printPlannedRows(context, { printer, rows, isVerbose: options.verbose });
  await tellPeaks();
  await writeStepSummary(context, {
    printer,
    rows,
    title: "herm: what apply would do",
    counts: countsText(rows),
  });
  try {
    checkDeletions(plans, options.maxDeletes ?? defaultMostDeletes);
  } catch (error) {
    printer.warn(`apply would be refused: ${error instanceof Error ? error.message : error}`);
  }
  const failure = failureOfPlans(plans, refusalsOf(plans));
  if (failure !== undefined) throw failure;
}

/** Rows where a plan is the result: for a person the plan itself. */
export async function printPlannedRows(
  context: Context,
  { printer, rows, isVerbose }: { printer: Printer; rows: readonly ChangeRow[]; isVerbose: boolean },
): Promise<void> {
  if (!printer.isForPerson) return printManifestRows(printer, rows);
  const count = new Set(rows.map((row) => row.deployment_id)).size;
  const view = { style: printer.style, width: printer.columns, isVerbose };
  await printer.out(await planText(context, { rows, count, view }));
}

/** A plan for a person, which begins with where it would be carried out. */
async function planText(
  context: Context,
  { rows, count, view }: { rows: readonly ChangeRow[]; count: number; view: ManifestPlanView },
): Promise<string> {
  const { readApiIdentity, targetLine } = await import("../../fleet/session.js");
  const api = await readApiIdentity(context, await context.client());
  const target = targetLine(context, { chosen: count, total: count, api });
  return `${[safe(target, "cell"), ...(await renderPlan(rows, view))].join("\n")}\n`;
}

function checkConfirmation(tasks: readonly Task[], mayChange: boolean): void {
  const deletions = tasks.filter(({ change }) => change.action === "delete").length;
  if (deletions === 0 || mayChange) return;
  const what = deletions === 1 ? "1 deletion needs" : `${deletions} deletions need`;
  throw new UsageError(`${what} --yes when there is nobody to ask; nothing was changed`);
}

async function confirm(
  { prompts }: Context,
  { tasks, plans }: { tasks: readonly Task[]; plans: readonly DeploymentPlan[] },
): Promise<void> {
  const names = new Set(tasks.map(({ target }) => target.name));
  const [only = ""] = names;
  const where = plans.length === 1 || names.size === 1 ? safe(only, "cell") : `${names.size} deployments`;
  const what = tasks.length === 1 ? "this change" : `these ${tasks.length} changes`;
  if (!(await prompts.confirm({ message: `Make ${what} in ${where}?`, default: false })))
    throw new DeclinedError();
}

async function finish(
  context: Context,
  { options, printer, plans, results, madeTwice, warn, tellUndo }: Ending & Doings,
): Promise<void> {
  const rows = rowsOf(plans, results);
  warn();
  for (const twice of madeTwice) printer.warn(madeTwiceText(twice));
  await printResult(printer, { rows, isVerbose: options.verbose });
  tellUndo();
  annotateRows(context, { printer, rows, differing: [] });
  await writeStepSummary(context, { printer, rows, title: "herm: applied", counts: countsText(rows) });
  const repeat = repeatCommand(context, { options, rows });
  if (context.signal.aborted && repeat !== undefined) printer.hint(`the rest: ${repeat}`);
  context.signal.throwIfAborted();
  const failure = failureOfPlans(plans, [...results, ...refusalsOf(plans)], repeat);
  if (failure !== undefined) throw failure;
  if (madeTwice.length > 0) throw madeTwiceFailure(context, { options, rows, madeTwice });
}

function madeTwiceFailure(
  context: Context,
  {
    options,
    rows,
    madeTwice,
  }: { options: ApplyOptions; rows: readonly ChangeRow[]; madeTwice: readonly MadeTwice[] },
): PartialFailureError {
  const what = madeTwice.length === 1 ? "1 automation is" : `${madeTwice.length} automations are`;
  const deployments = [...new Set(madeTwice.map(({ deploymentId }) => deploymentId))];
  return new PartialFailureError(`${what} there twice: meanwhile somebody else created the same`, {
    hint: removeTwinsCommand(context, { options, rows, deployments }),
  });
}

/** Every row, what failed on stderr too; to a person the rows with `--verbose` alone, what failed folded, and the counts. */
async function printResult(
  printer: Printer,
  { rows, isVerbose }: { rows: readonly ChangeRow[]; isVerbose: boolean },
): Promise<void> {
  if (!printer.isForPerson) {
    await printManifestRows(printer, rows);
    return tellFailures(printer, rows);
  }
  if (isVerbose) {
    const { renderEvery } = await import("./result-view.js");
    await printer.out(await renderEvery(rows, printer));
  }
  await tellFailures(printer, rows);
  await printer.line(resultsText(rows, printer));
}

async function tellFailures(printer: Printer, rows: readonly ChangeRow[]): Promise<void> {
  const failed = rows.filter(({ error }) => error !== undefined);
  if (failed.length === 0) return;
  const { failureLines, failureText, withColour } = await import("./result-view.js");
  const lines = printer.isForPerson
    ? failureLines(failed, printer.columns)
    : tellTogether(failed).map(failureText);
  for (const line of lines) printer.err(`${withColour(line, printer.errStyle)}\n`);
}

/**
 * What the command ends with, or undefined: judged by every change, and by every item of a deployment in which nothing could
 * be tried; of the only deployment by its own error.
 */
export function failureOfPlans(
  plans: readonly DeploymentPlan[],
  results: readonly TaskResult[] = [],
  hint?: string,
): unknown {
  const [only] = plans;
  if (plans.length === 1 && only?.error !== undefined) return only.error;
  // The very error that each of several ended with: the deployment's turn wasn't given.
  const errors = new Set(results.map(({ outcome }) => ("error" in outcome ? outcome.error : undefined)));
  const [common] = errors;
  if (plans.length === 1 && errors.size === 1 && common !== undefined) return common;
  const failed = plans.flatMap(({ error, changes }) =>
    error === undefined
      ? []
      : changes.map((item): AnyResult => ({ item, outcome: { result: "failed", error } })),
  );
  const others = plans.flatMap(({ error, changes }) => (error === undefined ? changes : []));
  const tried = new Set(results.map(({ item }) => item.change));
  const left = failed.length === 0 ? [] : others.filter((change) => !tried.has(change));
  const unchanged = left.map((item): AnyResult => ({ item, outcome: { result: "unchanged", value: item } }));
  return failureOf([...failed, ...results, ...unchanged], hint);
}

type AnyResult = ItemResult<unknown, unknown>;
