import type { Context } from "../../../context.js";
import { DeclinedError, type Hint, textOfError } from "../../../errors.js";
import {
  checkDeletions,
  type DeploymentPlan,
  refusalsOf,
  type Task,
  tasksOf,
} from "../../../manifest/fleet-plan.js";
import { safe } from "../../../output/safe.js";
import type { Prompts } from "../../../prompts.js";
import { type MadeTwice, madeTwiceText, refuseMadeTwice } from "../../sending/made-twice.js";
import { carryOut, type Doings, type DoingWork } from "./carry-out.js";
import { annotateRows, writeStepSummary } from "./github.js";
import { countsText, resultCounts } from "./plan-view.js";
import type { Planning } from "./plan-wishes.js";
import { failureOfPlans, hintAtStopped } from "./plans-failure.js";
import { noChangesText, printPlannedRows, printResult, showPlannedRows } from "./print-plans.js";
import type { Tell } from "./report/flag.js";
import type { Told } from "./report/told.js";
import { type ChangeRow, rowsOf, type TaskResult } from "./rows.js";
import { tellWarnings } from "./tell-warnings.js";

export interface PlansToSettle
  extends Omit<Planning, "planAgain">,
    Pick<DoingWork, "printer" | "maxFailures" | "concurrency" | "keeping" | "planAgain" | "isSaved"> {
  /** It is asked before anything is changed. */
  isAsked: boolean;
  /** Where it is asked, if not as usual. */
  prompts?: Prompts | undefined;
  /** Hears of the rows as they are planned, and of what became of them. */
  tell?: Tell;
}

export interface SettlingWork extends PlansToSettle {
  /** Looks at what would be done, once it was shown; throws to do nothing. */
  check?(tasks: readonly Task[]): void;
  /** Called right before anything is done, and nothing is asked any more; throws to do nothing. */
  begin?(): void;
  /** The command for what failed alone; nothing where nothing did. */
  repeat(rows: readonly ChangeRow[]): string | undefined;
  /** What to do where somebody else made the same meanwhile, if not to delete it by hand. */
  twiceHint?(rows: readonly ChangeRow[], madeTwice: readonly MadeTwice[]): Hint;
}

/**
 * Shows plans, asks, carries them out, and says what became of each. Throws what failureOf makes of the failures, with the
 * command for those alone.
 */
export async function settlePlans(context: Context, work: SettlingWork): Promise<void> {
  const { plans, planAgain, printer, warnings } = work;
  const tasks = tasksOf(plans);
  const isAsked = tasks.length > 0 && work.isAsked;
  const told = toldOf(plans, plannedTitle);
  const isShown = (!printer.isQuiet || isAsked) && noChangesText({ rows: told.rows, plans }) === undefined;
  if (isShown) await showPlannedRows(context, { printer, rows: told.rows, plans, isAsked });
  tellWarnings(context, { printer, warnings });
  work.tell?.({ ...told, warnings });
  work.check?.(tasks);
  if (isAsked) await confirm(work.prompts ?? context.prompts, { tasks, plans });
  work.begin?.();
  const doings = tasks.length === 0 ? nothing : await carryOut(context, { ...work, tasks, planAgain });
  await finish(context, { ...work, ...doings, isTold: isShown && tasks.length === 0 });
}

const nothing: Doings = { results: [], madeTwice: [], warn: () => undefined, tellUndo: () => undefined };

/** Shows plans where nothing is done, for `--dry-run` and `--plan-out`. Throws what they end with. */
export async function printPlans(
  context: Context,
  work: Pick<PlansToSettle, "plans" | "printer" | "warnings" | "tell">,
  mostDeletes: number,
): Promise<void> {
  const { plans, printer, warnings, tell } = work;
  const told = toldOf(plans, plannedTitle);
  await printPlannedRows(context, { printer, rows: told.rows, plans });
  tellWarnings(context, { printer, warnings });
  tell?.({ ...told, warnings });
  await writeStepSummary(context, { printer, ...told });
  hintAtStopped(printer, plans);
  try {
    checkDeletions(plans, mostDeletes);
  } catch (error) {
    printer.warn(`apply would be refused: ${textOfError(error)}`);
  }
  const failure = failureOfPlans(plans, refusalsOf(plans));
  if (failure !== undefined) throw failure;
}

async function confirm(
  prompts: Prompts,
  { tasks, plans }: { tasks: readonly Task[]; plans: readonly DeploymentPlan[] },
): Promise<void> {
  const names = new Set(tasks.map(({ target }) => target.name));
  const [only = ""] = names;
  const where = plans.length === 1 || names.size === 1 ? safe(only, "cell") : `${names.size} deployments`;
  const what = tasks.length === 1 ? "this change" : `these ${tasks.length} changes`;
  if (!(await prompts.confirm({ message: `Make ${what} in ${where}?`, default: false })))
    throw new DeclinedError();
}

/** `isTold`: all that there is to tell of failures stands right above, in the plan. */
async function finish(context: Context, work: SettlingWork & Doings & { isTold: boolean }): Promise<void> {
  const { printer, plans, results, madeTwice } = work;
  const told = toldOf(plans, "herm: applied", results);
  const { rows } = told;
  work.tell?.({ ...told, warnings: work.warnings });
  work.warn();
  for (const twice of madeTwice) printer.warn(madeTwiceText(twice));
  await printResult({ printer, rows, plans, isTold: work.isTold });
  work.tellUndo();
  annotateRows(context, { printer, rows, differing: [] });
  await writeStepSummary(context, { printer, ...told });
  hintAtStopped(printer, plans);
  const repeat = work.repeat(rows);
  if (context.signal.aborted && repeat !== undefined) printer.hint(`the rest: ${repeat}`);
  context.signal.throwIfAborted();
  const failure = failureOfPlans(plans, [...results, ...refusalsOf(plans)], repeat);
  if (failure !== undefined) throw failure;
  if (madeTwice.length > 0) refuseMadeTwice(madeTwice, work.twiceHint?.(rows, madeTwice));
}

const plannedTitle = "herm: what apply would do";

function toldOf(plans: readonly DeploymentPlan[], title: string, results?: readonly TaskResult[]): Told {
  const rows = rowsOf(plans, results);
  return { rows, title, counts: results === undefined ? countsText(rows) : resultCounts(rows) };
}
