/** Shows the plans made from files. */

import { commandLine } from "../../../command-line/next-command.js";
import type { Context } from "../../../context/context.js";
import { textOfError } from "../../../errors/cli-errors.js";
import { wentWrong } from "../../../fleet/outcome.js";
import { itemKey } from "../../../fleet/refs.js";
import { groupBy } from "../../../manifest/group-by.js";
import { excerpt } from "../../../manifest/mistake.js";
import type { DeploymentPlan } from "../../../manifest/plan/fleet-plan.js";
import { isLeftPaused } from "../../../manifest/plan/plan.js";
import {
  type Action,
  deletedThere,
  isDeletedThere,
  notDeletedInitial,
} from "../../../manifest/plan/plan-item.js";
import { counted, joinNames } from "../../../output/count.js";
import type { Printer, RenderOptions } from "../../../output/printer.js";
import { safe } from "../../../output/safe.js";
import { renderChanges } from "../../../output/text/diff.js";
import { fold } from "../../../output/text/fold.js";
import { cut, displayWidth, wrap } from "../../../output/width.js";
import { describeSchedule } from "../../../schedule/describe.js";
import { failureOfPlans, hintAtStopped } from "../planning/plan-failures.js";
import type { RecordedPlanning } from "../planning/plans.js";
import {
  mostLineColumns,
  renderInstructions,
  scheduleInWords,
  spreadText,
} from "../report/changed-fields.js";
import type { Report } from "../report/report-data.js";
import type { SetReport } from "../report/with-reports.js";
import { annotateRows, printPlanWarnings } from "./annotations.js";
import {
  type ChangeRow,
  changeCountsText,
  changeRows,
  customerText,
  isNews,
  originText,
  printManifestRows,
  type TaskResult,
  wordOf,
} from "./change-rows.js";
import { type ChangeGroup, groupRows, toGroup } from "./groups.js";

const plannedTitle = "herm: what apply would do";

type Plans = readonly DeploymentPlan[];
type Planned = Pick<RecordedPlanning, "warnings" | "refusal"> & { plans: Plans };

/** Prints plans and results, and sets the report. */
export class PlanPrinter {
  constructor(
    private readonly context: Context,
    readonly printer: Printer,
    /** `same`: a word for unchanged automations. `isNew`: creating a file counts as a change. */
    private readonly options: { setReport?: SetReport; isAdopting?: boolean; isNew?: boolean } = {},
  ) {}

  /** Prints plans that won't be sent, for `--dry-run`. Throws the error that apply would throw. */
  async preview(planned: Planned): Promise<void> {
    await this.print(planned, { rows: changeRows(planned.plans), title: plannedTitle });
    const failure = planned.refusal ?? failureOfPlans(planned.plans);
    if (failure !== undefined) throw failure;
  }

  /** Prints plans with their warnings and hints. `differing`: the rows that differ, if the command compares. */
  async print(
    { plans, warnings, refusal }: Planned,
    report: Pick<Report, "rows" | "differing" | "title">,
  ): Promise<void> {
    const { printer, context } = this;
    const { rows, differing } = report;
    if (refusal !== undefined) printer.warn(`apply would be refused: ${textOfError(refusal)}`);
    await this.printRows(rows, plans);
    this.#warn({ plans, warnings });
    if (differing !== undefined) annotateRows(context, printer, report);
    this.#report({ ...report, warnings });
    hintAtStopped(printer, plans);
  }

  #isPlanShown = false;

  /** Prints plans before they are sent, unless they change nothing. Throws the refusal if there is one. */
  async beforeSending({ plans, warnings, refusal }: Planned, isShown: boolean): Promise<void> {
    const rows = changeRows(plans);
    this.#report({ rows, title: plannedTitle, warnings });
    if (refusal !== undefined) throw refusal;
    this.#isPlanShown = isShown;
    if (isShown && this.#noChanges(rows) === undefined) await this.showRows(rows, plans);
    this.#warn({ plans, warnings });
  }

  /** Prints results and says which were printed: rows in a pipe, or one line if the plans changed nothing. */
  async printResults(
    { plans, warnings }: Planned,
    results: readonly TaskResult[],
  ): Promise<"all" | "rows" | undefined> {
    const { printer, context } = this;
    const rows = changeRows(plans, results);
    this.#report({ rows, title: "herm: applied", warnings });
    annotateRows(context, printer, { rows });
    hintAtStopped(printer, plans);
    const noChanges = this.#noChanges(rows);
    if (noChanges !== undefined && printer.isForPerson && !printer.isQuiet)
      await printer.line(fold(safe(noChanges, "cell"), printer.columns));
    else if (noChanges !== undefined) printer.note(noChanges);
    const isLog = printer.isForPerson && !printer.stdoutIsTty;
    if (isLog) await this.#printFailures(plans, results);
    if (!printer.isForPerson) await printManifestRows(printer, rows);
    if (noChanges !== undefined && !printer.isVerbose) return "all";
    return printer.isForPerson && !isLog ? undefined : "rows";
  }

  /** Prints each failure on its own line, except those already shown in the plan. */
  async #printFailures(plans: Plans, results: readonly TaskResult[]): Promise<void> {
    const sent = new Set(results.map(({ item }) => item.planItem));
    const sentOf = (plan: DeploymentPlan) => ({
      ...plan,
      items: plan.items.filter((item) => sent.has(item)),
    });
    for (const row of changeRows(this.#isPlanShown ? plans.map(sentOf) : plans, results).filter(wentWrong)) {
      const { result, name, error } = row;
      const text = `${result}: "${name}" in ${customerText(row)}: ${error}${originText([row])}`;
      await this.printer.line(safe(text, "cell"));
    }
  }

  /** Prints a plan that isn't sent. It is the result on a terminal; elsewhere rows are, and it is on stderr. */
  async printRows(rows: readonly ChangeRow[], plans: Plans): Promise<void> {
    const { printer } = this;
    if (printer.isForPerson && printer.isQuiet) return;
    if (printer.isForPerson) return printer.out(await this.#planText(rows, plans, printer.renderOptions));
    if (!printer.isQuiet) await this.showRows(rows, plans);
    await printManifestRows(printer, rows);
  }

  /** Prints a plan on stderr, either before it is sent or beside its rows. */
  async showRows(rows: readonly ChangeRow[], plans: Plans): Promise<void> {
    this.printer.err(await this.#planText(rows, plans, this.printer.errRenderOptions));
  }

  #warn({ plans, warnings }: Planned): void {
    const { printer, context } = this;
    printPlanWarnings(context, { printer, warnings });
    const items = plans.flatMap((plan) => plan.items);
    const paused = items.filter(isLeftPaused).length;
    const them = paused === 1 ? "it once it is" : "them once they are";
    if (paused > 0)
      printer.warn(
        `${paused} not deleted because paused; apply deletes ${them} resumed, or now with --delete-paused`,
      );
    this.#noteInitial(plans);
    const deleted = items.filter(isDeletedThere).length;
    if (deleted > 0)
      printer.note(`${deleted} ${deletedThere}; --recreate creates ${deleted === 1 ? "it" : "them"}`);
  }

  /** Names the automations that stay although their deployments leave, with the command that deletes them. */
  #noteInitial(plans: Plans): void {
    const staying = plans.flatMap(({ target, items }) =>
      items
        .filter(({ reason }) => reason === notDeletedInitial)
        .map(({ name, automation_id = "" }) => ({
          what: `"${name}" in ${target.name}`,
          ref: itemKey({ deployment_id: target.deployment_id, automation_id }),
        })),
    );
    if (staying.length === 0) return;
    const refs = staying.map(({ ref }) => ref);
    this.printer.note(`not deleted, because of initial: ${joinNames(staying.map(({ what }) => what))}`);
    this.printer.hint(`to delete: ${commandLine(this.context, ["automations", "delete", ...refs])}`);
  }

  #report(report: Omit<Report, "counts">): void {
    this.options.setReport?.({ ...report, counts: changeCountsText(report.rows) });
  }

  /** Renders a plan below the line with its target, or as one line if it changes nothing. */
  async #planText(rows: readonly ChangeRow[], plans: Plans, look: RenderOptions): Promise<string> {
    const noChanges = look.isVerbose ? undefined : this.#noChanges(rows);
    if (noChanges !== undefined) return `${fold(safe(noChanges, "cell"), look.width)}\n`;
    const { targetLine } = await import("../../../operations/rows/session.js");
    const unseen = plans.flatMap(({ target, isUnseen }) => (isUnseen ? target.deployment_id : []));
    const chosen = plans.length - unseen.length;
    const lacking = unseen.length === 0 ? "" : `; ${joinNames(unseen)} can't be seen`;
    const target = targetLine(this.context, { chosen, total: plans.length }) + lacking;
    const lines = [fold(safe(target, "cell"), look.width), ...(await renderManifestPlan(rows, look))];
    return `${lines.join("\n")}\n`;
  }

  #noChanges(rows: readonly ChangeRow[]): string | undefined {
    const { isAdopting = false, isNew = false } = this.options;
    return isNew ? undefined : noChangesText(rows, isAdopting);
  }
}

/** `no changes: 364 automations in 28 deployments match the files, 2 skipped (paused)`; undefined if there is more. */
function noChangesText(rows: readonly ChangeRow[], isAdopting: boolean): string | undefined {
  const news = rows.filter(isNews);
  if (news.some(({ action, error }) => action !== "skipped" || error !== undefined)) return undefined;
  if (rows.length === 0) return "nothing to do";
  const same = rows.filter((row) => !isNews(row));
  const where = new Set(same.map((row) => row.deployment_id)).size;
  const isOne = same.length === 1;
  const matching = isOne ? "matches the files" : "match the files";
  const what = isAdopting ? `${isOne ? "is" : "are"} in the record` : matching;
  const inAll = where > 1 ? ` in ${counted(where, "deployment")}` : "";
  const others = news.filter((row) => !isDeletedThere(row));
  const skipped = groupBy(others, ({ reason }) => `skipped (${reason})`);
  const parts = [
    ...(same.length > 0 ? [`${counted(same.length, "automation")}${inAll} ${what}`] : []),
    ...[...skipped].map(([as, { length }]) => `${length} ${as}`),
  ];
  return ["no changes", ...(parts.length === 0 ? [] : [parts.join(", ")])].join(": ");
}

const signs: Record<Action, string> = {
  create: "+",
  update: "~",
  rename: "~",
  delete: "−",
  adopt: "+",
  forget: "−",
  unchanged: "=",
  skipped: "=",
  unknown: "?",
};
const mostNewLines = 3;

/**
 * Renders a plan by deployment or, if there are several, by change; the counts come last. Safe lines without line ends.
 * @internal
 */
export async function renderManifestPlan(rows: readonly ChangeRow[], view: RenderOptions): Promise<string[]> {
  const deployments = [...groupBy(rows, (row) => row.deployment_id).values()];
  const isFleet = deployments.length > 1 && !view.isVerbose;
  const parts = isFleet ? [rows] : deployments;
  const blocks: string[] = [];
  for (const part of parts) {
    const shown = part.filter((row) => view.isVerbose || isNews(row));
    const groups = view.isVerbose ? shown.flatMap((row) => toGroup([row])) : groupRows(shown);
    const lines = await Promise.all(groups.map((group) => renderGroup(group, view, isFleet)));
    const head = isFleet ? [] : deploymentLine(part, view);
    if (head.length + lines.length > 0) blocks.push(...head, ...lines.flat(), "");
  }
  const counts = fold(`Plan: ${changeCountsText(rows, view.style.isInWords)}`, view.width).slice(
    "Plan:".length,
  );
  return [...blocks, view.style.bold("Plan:") + counts];
}

function deploymentLine([first]: readonly ChangeRow[], { style }: RenderOptions): string[] {
  if (first === undefined) return [];
  const { deployment, deployment_id } = first;
  const id = deployment === deployment_id ? "" : `  ${safe(deployment_id, "cell")}`;
  return [style.bold(safe(deployment, "cell")) + id];
}

async function renderGroup(group: ChangeGroup, view: RenderOptions, isFleet: boolean): Promise<string[]> {
  const { style, width } = view;
  const { row, error } = group;
  const { action, changes, reason } = row;
  const isFailed = error !== undefined && action !== "unknown";
  const sign = style.isInWords ? `${wordOf(row)}:` : isFailed ? "!" : signs[action];
  const what = `${sign} ${safe(group.names, "cell")}`;
  const id = group.rows.length > 1 ? "" : (row.automation_id ?? "");
  const position = safe(isFleet ? group.where : id, "cell");
  const why = reason === undefined ? "" : `(${safe(reason, "cell")})`;
  const painted = (error === undefined ? style.bold : style.failing)(what);
  const plain = ["", what, ...[position, why].filter(Boolean)].join("  ");
  const isTooWide = width !== undefined && displayWidth(plain) > width;
  const beside = [position, why].filter(Boolean);
  const lines = isTooWide
    ? [`  ${painted}`, ...beside.map((text) => fold(`      ${text}`, width))]
    : [["", painted, ...beside].join("  ")];
  if (error !== undefined)
    lines.push(style.failing(fold(`      ${safe(error + originText(group.rows), "cell")}`, width)));
  lines.push(...renderVersions(group, view), ...(view.isVerbose ? renderValues(row) : []));
  if (changes === undefined) return lines;
  const fields = action === "create" ? await renderNew(row, view) : await renderFields(row, view);
  return [...lines, ...fields.map((line) => `    ${line}`)];
}

/** Shows the first text for all rows if only values make the texts differ. */
function renderVersions({ row, versions }: ChangeGroup, { width }: RenderOptions): string[] {
  if (versions === undefined) return [];
  return [fold(`      ${versions}, here ${safe(row.deployment, "cell")}'s:`, width)];
}

function renderValues({ values = [] }: ChangeRow): string[] {
  return values.map(({ name, value, from }) => {
    const what = safe(`\${${name}} = ${excerpt(value)}`, "cell");
    return `      ${what}  ${safe(from, "cell")}`;
  });
}

async function renderNew(row: ChangeRow, view: RenderOptions): Promise<string[]> {
  const { schedule, instructions, enabled } = row.changes ?? {};
  const words = schedule === undefined ? "" : await describeSchedule(schedule.to);
  const lines = (instructions?.to ?? "").replace(/\n$/, "").split("\n");
  const isWhole = view.isVerbose || lines.length <= mostNewLines + 1;
  const mostColumns = view.isVerbose ? Number.POSITIVE_INFINITY : mostLineColumns;
  const shown = isWhole ? lines : lines.slice(0, mostNewLines);
  const fires = words === schedule?.to ? words : `${words} (${schedule?.to})`;
  const width = view.width && view.width - 4;
  return [
    ...fold(`  schedule  ${safe(fires + spreadText(row), "cell")}`, width).split("\n"),
    ...(enabled === undefined ? [] : ["  enabled  false"]),
    ...shown.flatMap((line) => newLines(cut(safe(line, "cell"), mostColumns), { ...view, width })),
    ...(isWhole ? [] : [`  … ${lines.length - mostNewLines} more lines`]),
  ];
}

function newLines(line: string, { style, width }: Pick<RenderOptions, "style" | "width">): string[] {
  if (style.isInWords) return [`  now: ${line}`];
  const [first = "", ...others] = width === undefined ? [line] : wrap(line, Math.max(8, width - 4));
  return [`  + ${first}`, ...others.map((other) => `    ${other}`)];
}

async function renderFields(row: ChangeRow, { style, width, isVerbose }: RenderOptions): Promise<string[]> {
  const options = { style, width: width && width - 4 };
  const { schedule: _, instructions, ...short } = row.changes ?? {};
  const schedule = await scheduleInWords(row);
  const lines = await renderChanges({ ...short, ...(schedule && { schedule }) }, options);
  if (instructions === undefined) return lines;
  const texts = await renderInstructions(instructions, { ...options, isVerbose });
  return [...lines, "  instructions", ...texts.map((line) => `  ${line}`)];
}
