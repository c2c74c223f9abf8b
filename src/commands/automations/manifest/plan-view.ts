import { wentWrong } from "../../../fleet/outcome.js";
import { groupBy } from "../../../manifest/group-by.js";
import { excerpt } from "../../../manifest/mistake.js";
import { type Action, isOfLeaving } from "../../../manifest/plan-item.js";
import { listed } from "../../../output/count.js";
import { renderChanges } from "../../../output/diff.js";
import { fold } from "../../../output/fold.js";
import type { Look } from "../../../output/printer.js";
import { safe } from "../../../output/safe.js";
import type { Style } from "../../../output/style.js";
import { cut, displayWidth, wrap } from "../../../output/width.js";
import { describeSchedule } from "../../../schedule/describe.js";
import { groupEqual, namesText, sharedError, tellTogether, versionsText, whereText } from "./alike.js";
import { mostLineColumns, renderInstructions } from "./instructions-view.js";
import { type ChangeRow, wordOf } from "./rows.js";
import { spreadText, withWords } from "./schedule-text.js";

const marks: Record<Action, string> = {
  create: "+",
  update: "~",
  rename: "~",
  delete: "−",
  adopt: "+",
  unchanged: "=",
  kept: "=",
  left: "=",
  skipped: "!",
};
const mostNewLines = 3;

/**
 * What is to change, for a person: under each deployment, or, over several, each change once with how many deployments it
 * is for; counts at the end. Lines without line ends, made safe.
 */
export async function renderPlan(rows: readonly ChangeRow[], view: Look): Promise<string[]> {
  const deployments = [...groupBy(rows, (row) => row.deployment_id).values()];
  const isFleet = deployments.length > 1 && !view.isVerbose;
  const blocks = isFleet
    ? await renderFleet(rows, view)
    : (await Promise.all(deployments.map((group) => renderDeployment(group, view)))).flat();
  const counts = fold(`Plan: ${countsText(rows)}`, view.width).slice("Plan:".length);
  return [...blocks, view.style.bold("Plan:") + counts];
}

/** What a change is once it is made. */
export const pastOf: Partial<Record<Action, string>> = {
  create: "created",
  update: "updated",
  rename: "renamed",
  delete: "deleted",
  adopt: "adopted",
};

/** `1 to create, 2 to update, 12 unchanged, 1 kept in 3 deployments`, plain text. */
export function countsText(rows: readonly ChangeRow[]): string {
  const possible = rows.filter(({ error }) => error === undefined);
  const failed = rows.filter(({ error }) => error !== undefined);
  const parts = [
    ...Object.keys(pastOf).map((action) => count(possible, action, `to ${action}`)),
    count(possible.filter(isOfLeaving), undefined, "of them leaving"),
    count(failed, undefined, "failed"),
    ...["unchanged", "kept", "left", "skipped"].map((action) => count(possible, action, action)),
  ].filter((part) => part !== "");
  const deployments = new Set(rows.map((row) => row.deployment_id)).size;
  const where = deployments > 1 ? ` in ${deployments} deployments` : "";
  return parts.length === 0 ? "nothing to do" : `${parts.join(", ")}${where}`;
}

/** `3 created, 1 updated, 12 unchanged`, plain text. */
export function resultCounts(rows: readonly ChangeRow[]): string {
  const ended = (as: ChangeRow["result"]) => rows.filter(({ result }) => result === as);
  const noError = rows.filter(({ error }) => error === undefined);
  const parts = [
    ...Object.entries(pastOf).map(([action, past]) => count(ended("done"), action, past)),
    count(
      [...rows.filter(({ action }) => action === "unchanged"), ...ended("unchanged")],
      undefined,
      "unchanged",
    ),
    ...["kept", "left"].map((action) => count(rows, action, action)),
    count(noError, "skipped", "skipped"),
    count(ended("failed"), undefined, "failed"),
    count(ended("unknown"), undefined, "unknown"),
  ].filter((part) => part !== "");
  return parts.length === 0 ? "nothing to do" : parts.join(", ");
}

/** The last line of an apply: `✓ 3 created, 1 updated, 12 unchanged`. Ready text. */
export function resultsText(
  rows: readonly ChangeRow[],
  { style, columns }: { style: Style; columns: number },
): string {
  const hasFailed = rows.some(wentWrong);
  return `${hasFailed ? style.failed : style.ok} ${fold(resultCounts(rows), columns - 2)}`;
}

/** Of one action, or of all; empty where there are none. */
function count(rows: readonly ChangeRow[], action: string | undefined, words: string): string {
  const number = rows.filter((row) => action === undefined || row.action === action).length;
  return number === 0 ? "" : `${number} ${words}`;
}

async function renderDeployment(rows: readonly ChangeRow[], view: Look): Promise<string[]> {
  const [first] = rows;
  if (first === undefined) return [];
  const { deployment, deployment_id } = first;
  const id = deployment === deployment_id ? "" : `  ${view.style.dim(safe(deployment_id, "cell"))}`;
  const shown = rows.filter((row) => isShown(row, view));
  const groups = view.isVerbose ? shown.map((row) => [row]) : tellTogether(shown);
  const changes = await Promise.all(groups.map((group) => renderChange(group, { view, where: "" })));
  const left = view.isVerbose ? [] : quietLines(rows, view);
  return [view.style.bold(safe(deployment, "cell")) + id, ...changes.flat(), ...left, ""];
}

async function renderFleet(rows: readonly ChangeRow[], view: Look): Promise<string[]> {
  const shown = rows.filter((row) => isShown(row, view));
  const equal = groupEqual(shown.filter(({ action }) => action !== "skipped"));
  const stopped = shown.filter(({ action }) => action === "skipped");
  const groups = [...equal, ...tellTogether(stopped)];
  const blocks = await Promise.all(
    groups.map((group) => renderChange(group, { view, where: whereText(group) })),
  );
  const left = quietLines(rows, view);
  return [...blocks.flat(), ...left, ...(blocks.length + left.length > 0 ? [""] : [])];
}

function isShown({ isDifference, action, error }: ChangeRow, { isVerbose }: Look): boolean {
  return isVerbose || isDifference || action === "skipped" || error !== undefined;
}

/** What is left alone for a reason; by name what a person may have wanted otherwise: what is paused, or differs. */
function quietLines(rows: readonly ChangeRow[], { width }: Look): string[] {
  const isFleet = new Set(rows.map((row) => row.deployment_id)).size > 1;
  const quiet = rows.filter(({ action, reason = "" }) =>
    action === "unchanged" ? reason !== "" : action === "kept" || action === "left",
  );
  const groups = groupBy(quiet, ({ action, reason }) => `${action} ${reason}`);
  return [...groups.values()].map((group) => {
    const [first] = group;
    const why = first?.reason === undefined ? "" : ` (${safe(first.reason, "cell")})`;
    const isNamed = first?.action !== "unchanged";
    const what = listed([...new Set(group.map(({ name }) => name))]);
    const names = isNamed ? `: ${safe(isFleet ? `${what} ${whereText(group)}` : what, "cell")}` : "";
    return fold(`  = ${group.length} ${first?.action}${why}${names}`, width);
  });
}

/** Rows that are one to a person: the same change, or stopped alike. */
async function renderChange(
  group: readonly ChangeRow[],
  { view, where }: { view: Look; where: string },
): Promise<string[]> {
  const [row] = group;
  if (row === undefined) return [];
  const { style } = view;
  const { action, automation_id = "", changes, reason } = row;
  const error = sharedError(group);
  const colour = {
    create: style.green,
    adopt: style.green,
    delete: style.red,
    skipped: style.red,
    update: style.magenta,
    rename: style.magenta,
  }[String(action)];
  const what = `${style.isInWords ? `${wordOf(row)}:` : marks[action]} ${safe(namesText(group), "cell")}`;
  const place = safe(where === "" ? automation_id : where, "cell");
  const why = reason === undefined ? "" : `(${safe(reason, "cell")})`;
  const beside = ["", what, place, why].filter((part, at) => at === 0 || part !== "");
  const isTooWide = view.width !== undefined && displayWidth(beside.join("  ")) > view.width;
  const painted = colour === undefined ? what : colour(what);
  const lines = isTooWide
    ? [
        `  ${painted}`,
        ...[style.dim(fold(`      ${place}`, view.width)), why && `      ${why}`].filter(Boolean),
      ]
    : [
        ["", painted, place && style.dim(place), why]
          .filter((part, at) => at === 0 || part !== "")
          .join("  "),
      ];
  if (error !== undefined) lines.push(style.red(fold(`      ${safe(error, "cell")}`, view.width)));
  lines.push(...renderVersions(group, view), ...(view.isVerbose ? renderValues(row, view) : []));
  if (changes === undefined) return lines;
  const fields = action === "create" ? await renderNew(row, view) : await renderFields(row, view);
  return [...lines, ...fields.map((line) => `    ${line}`)];
}

/** Of texts that deployments' values make differ the first stands for all. */
function renderVersions(group: readonly ChangeRow[], { width }: Look): string[] {
  const versions = versionsText(group);
  const [first] = group;
  if (versions === undefined || first === undefined) return [];
  return [fold(`      ${versions}, here ${safe(first.deployment, "cell")}'s:`, width)];
}

/** What its variables are, and who says so. */
function renderValues({ values = [] }: ChangeRow, { style }: Look): string[] {
  return values.map(({ name, value, from }) => {
    const what = safe(`\${${name}} = ${excerpt(value)}`, "cell");
    return `      ${what}  ${style.dim(safe(from, "cell"))}`;
  });
}

async function renderNew(row: ChangeRow, view: Look): Promise<string[]> {
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
    ...(isWhole ? [] : [`  ${view.style.dim(`… ${lines.length - mostNewLines} more lines`)}`]),
  ];
}

/** A line of a new text, in lines that aren't wider than the terminal. */
function newLines(line: string, { style, width }: Pick<Look, "style" | "width">): string[] {
  if (style.isInWords) return [`  now: ${line}`];
  const [first = "", ...others] = width === undefined ? [line] : wrap(line, Math.max(8, width - 4));
  return [`  ${style.green("+")} ${first}`, ...others.map((other) => `    ${other}`)];
}

async function renderFields(row: ChangeRow, { style, width, isVerbose }: Look): Promise<string[]> {
  const options = { style, width: width && width - 4 };
  const { schedule, instructions, ...short } = row.changes ?? {};
  const described = schedule && {
    from: schedule.from === null ? null : await withWords(schedule.from),
    to: (await withWords(schedule.to)) + spreadText(row),
  };
  const lines = await renderChanges({ ...short, ...(described && { schedule: described }) }, options);
  if (instructions === undefined) return lines;
  const texts = await renderInstructions(instructions, { ...options, isVerbose });
  return [...lines, "  instructions", ...texts.map((line) => `  ${line}`)];
}
