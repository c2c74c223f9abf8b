import type { Context } from "../../../context.js";
import { DeclinedError, type Hint } from "../../../errors.js";
import { type DeploymentPlan, refusalsOf, type Task, tasksOf } from "../../../manifest/fleet-plan.js";
import { isOfLeaving } from "../../../manifest/plan-item.js";
import { counted } from "../../../output/count.js";
import { safe } from "../../../output/safe.js";
import type { Prompts } from "../../../prompts.js";
import { type MadeTwice, madeTwiceText, refuseMadeTwice } from "../../sending/made-twice.js";
import { carryOut, type Doings, type DoingWork } from "./carry-out.js";
import { annotateRows, writeStepSummary } from "./github.js";
import { countsText, resultCounts } from "./plan-view.js";
import type { Planning } from "./plan-wishes.js";
import { failureOfPlans, hintAtStopped } from "./plans-failure.js";
import { planText, printPlannedRows, printResult } from "./print-plans.js";
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
  const isShown = printer.format.isInWords && !printer.isQuiet;
  if (isShown || isAsked) await showPlans(context, work);
  tellWarnings(context, { printer, warnings });
  work.tell?.({ ...toldOf(plans, plannedTitle), warnings });
  work.check?.(tasks);
  if (isAsked) await confirm(work.prompts ?? context.prompts, { tasks, plans });
  work.begin?.();
  const doings = tasks.length === 0 ? nothing : await carryOut(context, { ...work, tasks, planAgain });
  await finish(context, { ...work, ...doings, isTold: isShown && tasks.length === 0 });
}

const nothing: Doings = { results: [], madeTwice: [], warn: () => undefined, tellUndo: () => undefined };

async function showPlans(context: Context, { plans, printer }: PlansToSettle): Promise<void> {
  const view = printer.errLook;
  printer.err(await planText(context, { rows: rowsOf(plans), count: plans.length, view }));
}

/** Shows plans as a result, for `--dry-run`. Gives what the command ends with, or undefined. */
export async function printPlans(context: Context, work: PlansToSettle): Promise<unknown> {
  const { plans, printer, warnings, tell } = work;
  const told = toldOf(plans, plannedTitle);
  await printPlannedRows(context, { printer, rows: told.rows });
  tellWarnings(context, { printer, warnings });
  tell?.({ ...told, warnings });
  await writeStepSummary(context, { printer, ...told });
  hintAtStopped(printer, plans);
  return failureOfPlans(plans, refusalsOf(plans));
}

async function confirm(
  prompts: Prompts,
  { tasks, plans }: { tasks: readonly Task[]; plans: readonly DeploymentPlan[] },
): Promise<void> {
  const names = new Set(tasks.map(({ target }) => target.name));
  const [only = ""] = names;
  const where = plans.length === 1 || names.size === 1 ? safe(only, "cell") : `${names.size} deployments`;
  const ofLeaving = tasks.filter(({ change }) => isOfLeaving(change));
  const leaving = new Set(ofLeaving.map(({ target }) => target.deploymentId)).size;
  const them =
    ofLeaving.length === 0
      ? ""
      : ` (${ofLeaving.length} deletions in ${counted(leaving, "deployment")} that leaves)`;
  const what = (tasks.length === 1 ? "this change" : `these ${tasks.length} changes`) + them;
  if (!(await prompts.confirm({ message: `Make ${what} in ${where}?`, default: false })))
    throw new DeclinedError();
}

/** `isTold`: all that there is to tell of failures stands right above, in the plan. */
async function finish(context: Context, work: SettlingWork & Doings & { isTold?: boolean }): Promise<void> {
  const { printer, plans, results, madeTwice } = work;
  const told = toldOf(plans, "herm: applied", results);
  const { rows } = told;
  work.tell?.({ ...told, warnings: work.warnings });
  work.warn();
  for (const twice of madeTwice) printer.warn(madeTwiceText(twice));
  await printResult(printer, { rows, isSaved: work.isSaved, isTold: work.isTold });
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
