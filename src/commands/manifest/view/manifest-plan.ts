import { groupBy } from "../../../manifest/group-by.js";
import { excerpt } from "../../../manifest/mistake.js";
import type { Action } from "../../../manifest/plan/plan-item.js";
import type { RenderOptions } from "../../../output/printer.js";
import { safe } from "../../../output/safe.js";
import { renderChanges } from "../../../output/text/diff.js";
import { fold } from "../../../output/text/fold.js";
import { cut, displayWidth, wrap } from "../../../output/width.js";
import { describeSchedule } from "../../../schedule/describe.js";
import { type ChangeRow, changeCountsText, isNews, originText, wordOf } from "./change-rows.js";
import { type ChangeGroup, groupRows, toGroup } from "./groups.js";
import { mostLineColumns, renderInstructions, scheduleInWords, spreadText } from "./instructions-view.js";

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
 * Renders a plan for a person: under each deployment, or, over several, each change once; counts at the end. Lines
 * without line ends, made safe.
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

/** Shows the first text for all where values make them differ. */
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
