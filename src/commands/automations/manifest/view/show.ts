import type { Context } from "../../../../context.js";
import { textOfError } from "../../../../errors.js";
import { groupBy } from "../../../../manifest/group-by.js";
import { checkDeletions, type DeploymentPlan } from "../../../../manifest/plan/fleet-plan.js";
import { counted } from "../../../../output/count.js";
import type { Printer, RenderOptions } from "../../../../output/printer.js";
import { safe } from "../../../../output/safe.js";
import { fold } from "../../../../output/text/fold.js";
import { readApiIdentity } from "../../../fleet/identity.js";
import type { Planning } from "../planning/plan-desired.js";
import { failureOfPlans, hintAtStopped } from "../planning/plans-failure.js";
import type { SetReport } from "../report/flag.js";
import type { Report } from "../report/report.js";
import { defaultMostDeletes } from "../sending/confirmation.js";
import { annotateRows } from "./annotations.js";
import { countsText } from "./counts.js";
import { renderManifestPlan } from "./plan-view.js";
import { type ChangeRow, changeRows, isNews, printManifestRows, type TaskResult } from "./rows.js";
import { printPlanWarnings } from "./warnings.js";

export interface RowsToShow {
  printer: Printer;
  rows: readonly ChangeRow[];
  plans: readonly DeploymentPlan[];
  same?: string;
}

const plannedTitle = "herm: what apply would do";

export interface PlansToPrint extends Pick<Planning, "plans" | "warnings"> {
  printer: Printer;
  setReport: SetReport;
}

/** Shows plans where nothing is sent, for `--dry-run` and `--plan-out`. Throws what they end with. */
export async function previewPlans(
  context: Context,
  { input, ...work }: PlansToPrint & { input: { maxDeletes?: number | undefined } },
): Promise<void> {
  const { plans, printer } = work;
  await printPlans(context, { ...work, rows: changeRows(plans), title: plannedTitle });
  try {
    checkDeletions(plans, input.maxDeletes ?? defaultMostDeletes);
  } catch (error) {
    printer.warn(`apply would be refused: ${textOfError(error)}`);
  }
  const failure = failureOfPlans(plans);
  if (failure !== undefined) throw failure;
}

/** Prints plans with warnings and hints, and sets the report. `differing`: rows that are looked for. */
export async function printPlans(
  context: Context,
  {
    plans,
    printer,
    warnings,
    setReport,
    ...look
  }: PlansToPrint & Pick<Report, "rows" | "differing" | "title">,
): Promise<void> {
  const { rows, differing } = look;
  await printPlannedRows(context, { printer, rows, plans });
  printPlanWarnings(context, { printer, warnings });
  if (differing !== undefined) annotateRows(context, { printer, rows, differing });
  setReport({ ...look, counts: countsText(rows), warnings });
  hintAtStopped(printer, plans);
}

/** Prints plans before they are sent, where there is anything to see. */
export async function printBeforeSending(
  context: Context,
  { plans, printer, warnings, setReport, isShown }: PlansToPrint & { isShown: boolean },
): Promise<void> {
  const rows = changeRows(plans);
  if (isShown && noChangesText({ rows }) === undefined)
    await showPlannedRows(context, { printer, rows, plans });
  printPlanWarnings(context, { printer, warnings });
  setReport({ rows, title: plannedTitle, counts: countsText(rows), warnings });
}

/** Prints results: rows to a pipe; where nothing was to be done one line. */
export async function printResults(
  context: Context,
  { plans, printer, warnings, setReport, results }: PlansToPrint & { results: readonly TaskResult[] },
): Promise<"all" | "rows" | undefined> {
  const rows = changeRows(plans, results);
  setReport({ rows, title: "herm: applied", counts: countsText(rows), warnings });
  annotateRows(context, { printer, rows, differing: [] });
  hintAtStopped(printer, plans);
  const isSame = await printNoChanges({ printer, rows });
  if (!printer.isForPerson) await printManifestRows(printer, rows);
  if (isSame && !printer.isVerbose) return "all";
  return printer.isForPerson ? undefined : "rows";
}

/** Prints a plan of which nothing is sent: to a person as the result; elsewhere on stderr, with rows as the result. */
export async function printPlannedRows(context: Context, shown: RowsToShow): Promise<void> {
  const { printer, rows } = shown;
  if (printer.isForPerson) return printer.out(await planText(context, shown, printer.renderOptions));
  if (!printer.isQuiet) await showPlannedRows(context, shown);
  await printManifestRows(printer, rows);
}

/** Prints a plan on stderr, before it is sent or beside its rows. */
export async function showPlannedRows(context: Context, shown: RowsToShow): Promise<void> {
  shown.printer.err(await planText(context, shown, shown.printer.errRenderOptions));
}

/** Renders a plan below the line that says where it goes; in one line where nothing is to be done. */
async function planText(
  context: Context,
  { rows, plans, same }: RowsToShow,
  view: RenderOptions,
): Promise<string> {
  const noChanges = view.isVerbose ? undefined : noChangesText({ rows, same });
  if (noChanges !== undefined) return `${fold(safe(noChanges, "cell"), view.width)}\n`;
  const { targetLine } = await import("../../../fleet/session.js");
  const api = await readApiIdentity(context, await context.client());
  const target = targetLine(context, { chosen: plans.length, total: plans.length, api });
  return `${[fold(safe(target, "cell"), view.width), ...(await renderManifestPlan(rows, view))].join("\n")}\n`;
}

/**
 * `no changes: 364 automations in 28 deployments are as the files say, 2 skipped (paused)`; undefined where there is
 * more to say.
 */
function noChangesText({
  rows,
  same: what = "as the files say",
}: Pick<RowsToShow, "rows" | "same">): string | undefined {
  const news = rows.filter(isNews);
  if (news.some(({ action, error }) => action !== "skipped" || error !== undefined)) return undefined;
  if (rows.length === 0) return "nothing to do";
  const same = rows.filter((row) => !isNews(row));
  const where = new Set(same.map((row) => row.deployment_id)).size;
  const are = same.length === 1 ? "is" : "are";
  const inAll = where > 1 ? ` in ${counted(where, "deployment")}` : "";
  const skipped = groupBy(news, ({ reason }) => `skipped (${reason})`);
  const parts = [
    ...(same.length > 0 ? [`${counted(same.length, "automation")}${inAll} ${are} ${what}`] : []),
    ...[...skipped].map(([as, { length }]) => `${length} ${as}`),
  ];
  return `no changes: ${parts.join(", ")}`;
}

/** Prints one line where nothing was to be done; false where there was. */
async function printNoChanges(shown: Omit<RowsToShow, "plans">): Promise<boolean> {
  const { printer } = shown;
  const text = noChangesText(shown);
  if (text === undefined) return false;
  if (printer.isForPerson) await printer.line(fold(safe(text, "cell"), printer.columns));
  else printer.note(text);
  return true;
}

/** Prints results of which nothing was sent. */
export async function printResult(shown: Omit<RowsToShow, "plans">): Promise<void> {
  const { printer, rows } = shown;
  if (!printer.isForPerson) await printManifestRows(printer, rows);
  const isSame = await printNoChanges(shown);
  if (!isSame && printer.isForPerson)
    await printer.line(`${printer.style.ok} ${fold(countsText(rows), printer.columns - 2)}`);
}
