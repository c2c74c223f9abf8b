import type { Context } from "../../../context.js";
import { textOfError } from "../../../errors.js";
import { checkDeletions, type DeploymentPlan } from "../../../manifest/fleet-plan.js";
import { groupBy } from "../../../manifest/group-by.js";
import { counted } from "../../../output/count.js";
import { fold } from "../../../output/fold.js";
import type { Look, Printer } from "../../../output/printer.js";
import { safe } from "../../../output/safe.js";
import { readApiIdentity } from "../../fleet/identity.js";
import { tellTogether } from "./alike.js";
import { defaultMostDeletes } from "./confirmation.js";
import { annotateRows, writeStepSummary } from "./github.js";
import { countsText, renderPlan, resultCounts, resultsText } from "./plan-view.js";
import type { Planning } from "./plan-wishes.js";
import { failureOfPlans, hintAtStopped } from "./plans-failure.js";
import type { Tell } from "./report/flag.js";
import type { Told } from "./report/told.js";
import { type ChangeRow, printManifestRows, rowsOf, type TaskResult } from "./rows.js";
import { tellWarnings } from "./tell-warnings.js";

export interface RowsToShow {
  printer: Printer;
  rows: readonly ChangeRow[];
  plans: readonly DeploymentPlan[];
  /** What those are that are unchanged. */
  same?: string;
}

const plannedTitle = "herm: what apply would do";

export interface PlansToTell extends Pick<Planning, "plans" | "warnings"> {
  printer: Printer;
  /** Hears of the rows as they are planned, and of what became of them. */
  tell: Tell;
}

/** Shows plans where nothing is done, for `--dry-run` and `--plan-out`. Throws what they end with. */
export async function lookAt(
  context: Context,
  { input, ...work }: PlansToTell & { input: { maxDeletes?: number | undefined } },
): Promise<void> {
  const { plans, printer } = work;
  const rows = rowsOf(plans);
  await tellLook(context, { ...work, rows, title: plannedTitle });
  try {
    checkDeletions(plans, input.maxDeletes ?? defaultMostDeletes);
  } catch (error) {
    printer.warn(`apply would be refused: ${textOfError(error)}`);
  }
  const failure = failureOfPlans(plans);
  if (failure !== undefined) throw failure;
}

/** The plan, with what is odd about it, and how to go on. `differing`: what is looked for, if anything is. */
export async function tellLook(
  context: Context,
  { plans, printer, warnings, tell, ...look }: PlansToTell & Pick<Told, "rows" | "differing" | "title">,
): Promise<void> {
  const { rows, differing } = look;
  await printPlannedRows(context, { printer, rows, plans });
  tellWarnings(context, { printer, warnings });
  if (differing !== undefined) annotateRows(context, { printer, rows, differing });
  const told = { ...look, counts: countsText(rows) };
  tell({ ...told, warnings });
  await writeStepSummary(context, { printer, ...told });
  hintAtStopped(printer, plans);
}

/** Shows plans before they are carried out, where there is anything to see. */
export async function showBefore(
  context: Context,
  { plans, printer, warnings, tell, isAsked }: PlansToTell & { isAsked: boolean },
): Promise<void> {
  const rows = rowsOf(plans);
  if (noChangesText({ rows, plans }) === undefined)
    await showPlannedRows(context, { printer, rows, plans, isAsked });
  tellWarnings(context, { printer, warnings });
  tell({ rows, title: plannedTitle, counts: countsText(rows), warnings });
}

/** Tells what became of plans. */
export async function tellAfter(
  context: Context,
  { plans, printer, warnings, tell, results }: PlansToTell & { results: readonly TaskResult[] },
): Promise<void> {
  const rows = rowsOf(plans, results);
  const told = { rows, title: "herm: applied", counts: resultCounts(rows) };
  tell({ ...told, warnings });
  // What failed stands in the plan right above, and off a terminal in the lines of each change too.
  const isTold = !printer.isQuiet && (results.length === 0 || !context.io.stderrIsTty);
  await printResult({ printer, rows, plans, isTold });
  annotateRows(context, { printer, rows, differing: [] });
  await writeStepSummary(context, { printer, ...told });
  hintAtStopped(printer, plans);
}

/**
 * Shows a plan where nothing is done: to a person as the result; elsewhere beside it, the result being the rows that aren't
 * unchanged.
 */
export async function printPlannedRows(context: Context, shown: RowsToShow): Promise<void> {
  const { printer, rows } = shown;
  if (printer.isForPerson) return printer.out(await planText(context, shown, printer.look));
  await showPlannedRows(context, shown);
  await printManifestRows(printer, rows);
}

/** Shows a plan on stderr, before it is carried out or beside its rows. */
export async function showPlannedRows(
  context: Context,
  { isAsked = false, ...shown }: RowsToShow & { isAsked?: boolean },
): Promise<void> {
  const { printer } = shown;
  if (!printer.isQuiet || isAsked) printer.err(await planText(context, shown, printer.errLook));
}

/** A plan for a person, which begins with where it would be carried out; where nothing is to be done, that in one line. */
async function planText(context: Context, { rows, plans, same }: RowsToShow, view: Look): Promise<string> {
  const noChanges = view.isVerbose ? undefined : noChangesText({ rows, plans, same });
  if (noChanges !== undefined) return `${fold(safe(noChanges, "cell"), view.width)}\n`;
  const { targetLine } = await import("../../fleet/session.js");
  const api = await readApiIdentity(context, await context.client());
  const target = targetLine(context, { chosen: plans.length, total: plans.length, api });
  return `${[fold(safe(target, "cell"), view.width), ...(await renderPlan(rows, view))].join("\n")}\n`;
}

/** `no changes: 364 automations in 28 deployments are as the files say, 2 kept (paused)`; undefined where there is more to say. */
function noChangesText({
  rows,
  plans,
  same: what = "as the files say",
}: Omit<RowsToShow, "printer">): string | undefined {
  if (rows.some(({ isDifference, error }) => isDifference || error !== undefined)) return undefined;
  const isCompared = rows.some(({ action }) => action !== "skipped");
  if (!isCompared) return rows.length > 0 ? undefined : "nothing to do";
  const same = rows.filter(({ action }) => action === "unchanged");
  const others = groupBy(
    rows.filter(({ action }) => action !== "unchanged"),
    ({ action, reason }) => (reason === undefined ? action : `${action} (${reason})`),
  );
  const where = plans.filter(({ isPassedOver }) => !isPassedOver).length;
  const are = same.length === 1 ? "is" : "are";
  const inAll = where > 1 ? ` in ${counted(where, "deployment")}` : "";
  const parts = [
    ...(same.length > 0 ? [`${counted(same.length, "automation")}${inAll} ${are} ${what}`] : []),
    ...[...others].map(([as, { length }]) => `${length} ${as}`),
  ];
  return `no changes: ${parts.join(", ")}`;
}

/**
 * What became of a plan: the rows, what failed on stderr too; to a person the rows with `--verbose` alone, what failed
 * folded, and the counts. `isTold`: what failed has been told by now.
 */
export async function printResult({
  isTold = false,
  ...shown
}: RowsToShow & { isTold?: boolean }): Promise<void> {
  const { printer, rows } = shown;
  const noChanges = noChangesText(shown);
  if (!printer.isForPerson) await printManifestRows(printer, rows);
  else if (printer.isVerbose) {
    const { renderEvery } = await import("./result-view.js");
    await printer.out(await renderEvery(rows, printer));
  }
  if (noChanges !== undefined) {
    if (printer.isForPerson) return printer.line(fold(safe(noChanges, "cell"), printer.columns));
    return printer.note(noChanges);
  }
  if (!isTold) await tellFailures(printer, rows);
  if (printer.isForPerson) await printer.line(resultsText(rows, printer));
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
