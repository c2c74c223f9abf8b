import { itemKey } from "../../fleet/refs.js";
import { groupBy } from "../../manifest/group-by.js";
import { counted, firstOf } from "../../output/count.js";
import { type FromTo, renderChanges } from "../../output/diff.js";
import { fold } from "../../output/fold.js";
import { safe } from "../../output/safe.js";
import { between, type Style } from "../../output/style.js";
import { formatLocalBriefly } from "../../output/time.js";
import { renderTextChange } from "../../output/word-diff.js";
import { redactTexts } from "../../settings/redact.js";
import { Names } from "../fleet/names.js";
import { rowLines } from "../fleet/row-lines.js";
import { countDeployments } from "../fleet/rows.js";
import type { OpenStep, PreparedUndo, UndoPlan } from "./prepared.js";
import { leftRows, unreadRows } from "./rows.js";

export interface UndoPlanView {
  /** The target, as every plan begins. */
  target: string;
  style: Style;
  /** Of the terminal; undefined: lines of any length. */
  width: number | undefined;
  /** Each automation by itself, and texts in full. */
  isVerbose: boolean;
  now: Date;
  redact(text: string): string;
}

const mostGroups = 10;
const mostTextLines = 12;
const indent = "      ";

/** What an undo is about to do, for a person: equal steps once, and what is left alone with why; ends with a line end. */
export async function renderUndoPlan(prepared: PreparedUndo, view: UndoPlanView): Promise<string> {
  const { plan, deployments, change } = prepared;
  const { style, width, isVerbose, target, now, redact } = view;
  const items = [...plan.steps, ...plan.left, ...plan.unread].map(({ item }) => item);
  const names = new Names(items, deployments);
  const line = (text: string) => fold(safe(redact(text), "cell"), width);
  const groups = [...groupBy(plan.steps, (step) => keyOf(step, isVerbose)).values()];
  const shown = isVerbose ? groups : groups.slice(0, mostGroups);
  const blocks = await Promise.all(shown.map((group) => renderGroup(group, names, view)));
  const unshown = groups.slice(shown.length).reduce((sum, group) => sum + group.length, 0);
  const when = formatLocalBriefly(new Date(change.at), now);
  return `${[
    style.bold(line(target)),
    line([change.id, `${when} by ${change.by.user}`, change.command].join(between(style))),
    ...(change.reason === undefined ? [] : [line(`  reason: ${change.reason}`)]),
    fold(countsText(plan, style), width),
    ...blocks.flat(),
    ...(unshown > 0 ? [line(`  … and ${counted(unshown, "automation")} more: --verbose`)] : []),
    ...rowLines(leftRows(plan), names, "left").map((text) => style.dim(line(text))),
    ...rowLines(unreadRows(plan), names, "can't be read").map((text) => style.red(line(text))),
  ].join("\n")}\n`;
}

function countsText({ steps, unchanged, left, unread, unselected }: UndoPlan, style: Style): string {
  const places = counted(countDeployments(steps.map(({ item }) => item)), "deployment");
  return [
    steps.length === 0
      ? "nothing to undo"
      : `${counted(steps.length, "automation")} to bring back in ${places}`,
    ...(unchanged.length > 0 ? [`${unchanged.length} as before already`] : []),
    ...(left.length > 0 ? [`${left.length} left alone`] : []),
    ...(unread.length > 0 ? [`${unread.length} not read`] : []),
    ...(unselected > 0 ? [`${unselected} not selected`] : []),
  ].join(between(style));
}

function keyOf(step: OpenStep, isVerbose: boolean): string {
  return isVerbose ? itemKey(step.item) : JSON.stringify([step.does, changesOf(step)]);
}

const signs = { restore: "~", remake: "+", remove: "-" } as const;
const words = { restore: "bring back", remake: "create again", remove: "delete" } as const;

async function renderGroup(
  group: readonly OpenStep[],
  names: Names,
  { style, width, isVerbose, redact }: UndoPlanView,
): Promise<string[]> {
  const [first] = group;
  if (first === undefined) return [];
  const { does } = first;
  const sign = style.isInWords ? "" : `${signs[does]} `;
  const title = `${sign}${words[does]}: ${safe(names.group(group.map(({ item }) => item)), "cell")}`;
  const colour = does === "restore" ? style.magenta : does === "remake" ? style.green : style.red;
  const { instructions, ...short } = redactTexts(changesOf(first), { redact });
  const fields = await renderChanges(short, { style, width: width && width - 2 });
  const texts = instructions === undefined ? [] : await textLines(instructions, { style, width });
  return [
    colour(fold(title, width)),
    ...fields.map((each) => `  ${each}`),
    ...(texts.length === 0 ? [] : ["    instructions"]),
    ...(isVerbose ? texts : firstOf(texts, mostTextLines)).map((each) => indent + each),
  ];
}

function textLines({ from, to }: FromTo, { style, width }: Pick<UndoPlanView, "style" | "width">) {
  const [before, after] = [from, to].map((text) => (typeof text === "string" ? text : ""));
  return renderTextChange(before ?? "", after ?? "", { style, width: width && width - indent.length });
}

/** Each field before and after the undo. */
function changesOf(step: OpenStep): Record<string, FromTo> {
  if (step.does !== "restore") return {};
  const { current, fields } = step;
  return Object.fromEntries(
    Object.entries(fields).map(([field, to]) => [field, { from: current[field], to }]),
  );
}
