import type { ChangeItem } from "../../history/change.js";
import { groupBy } from "../../manifest/group-by.js";
import { counted, limitLines } from "../../output/count.js";
import type { Printer } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import type { Style } from "../../output/style.js";
import { type FromTo, renderChanges } from "../../output/text/diff.js";
import { fold } from "../../output/text/fold.js";
import { renderTextChange } from "../../output/text/word-diff.js";
import { Names } from "../fleet/names.js";
import { endedText, pastOfAct } from "./change-text.js";

type Look = Printer["renderOptions"];

const mostGroups = 20;
const mostTextLines = 12;
const indent = "      ";

/** Renders the items of a change, equal ones once, before → after. */
export async function renderItems(items: readonly ChangeItem[], view: Look): Promise<string[]> {
  const names = namesOf(items);
  const groups = [...groupBy(items, (item) => keyOf(item, view)).values()];
  const shown = view.isVerbose ? groups : groups.slice(0, mostGroups);
  const blocks = await Promise.all(shown.map((group) => renderGroup(group, names, view)));
  const unshown = groups.slice(shown.length).reduce((sum, group) => sum + group.length, 0);
  const more = unshown === 0 ? [] : [`  … and ${counted(unshown, "automation")} more: --verbose`];
  return [...blocks.flat(), ...more];
}

function changesOf({ act, before = {}, after = {} }: ChangeItem): Record<string, FromTo> {
  const { updated_at: _updated, ...fields } = act === "delete" ? before : after;
  const [from, to]: Record<string, unknown>[] = [{ ...before }, { ...after }];
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([name]) => [name, { from: from?.[name], to: to?.[name] }]),
  );
}

function namesOf(items: readonly ChangeItem[]): Names {
  const ids = [...new Set(items.map(({ deployment_id }) => deployment_id))];
  return new Names(
    items,
    ids.map((deployment_id) => ({ deployment_id })),
  );
}

function keyOf(item: ChangeItem, { isVerbose }: Look): string {
  const { deployment_id, automation_id, act, result, error, run_id, message, is_damaged } = item;
  const own = isVerbose ? [deployment_id, automation_id] : [];
  return JSON.stringify([
    act,
    result,
    error,
    message,
    is_damaged,
    act === "answer" && run_id,
    changesOf(item),
    ...own,
  ]);
}

async function renderGroup(
  group: readonly ChangeItem[],
  names: Names,
  { style, width, isVerbose }: Look,
): Promise<string[]> {
  const [first] = group;
  if (first === undefined) return [];
  const title = `${pastOfAct[first.act]} ${names.groupText(group)}`;
  const ended = endedText(first.result);
  const { instructions, ...short } = changesOf(first);
  const fields = await renderChanges(short, { style, width: width - 2 });
  const texts = instructions === undefined ? [] : await textLines(instructions, { style, width });
  const why = first.error === undefined ? "" : `: ${first.error}`;
  return [
    style.bold(fold(`${mark(first, style)} ${safe(title, "cell")}`, width)),
    ...(ended === undefined ? [] : [style.bold(fold(safe(`    ${ended}${why}`, "cell"), width))]),
    ...fields.map((line) => `  ${line}`),
    ...(first.message === undefined ? [] : [fold(`    ${safe(first.message, "cell")}`, width)]),
    ...(first.is_damaged
      ? [fold("    instructions aren't known: the text doesn't match its hash", width)]
      : []),
    ...(texts.length === 0 ? [] : ["    instructions"]),
    ...(isVerbose ? texts : limitLines(texts, mostTextLines)).map((line) => indent + line),
  ];
}

function mark({ result }: ChangeItem, style: Style): string {
  if (result === "done") return style.ok;
  return result === "skipped" ? "–" : style.failed;
}

async function textLines(
  { from, to }: FromTo,
  { style, width }: Pick<Look, "style" | "width">,
): Promise<string[]> {
  const [before, after] = [from, to].map((text) => (typeof text === "string" ? text : ""));
  const options = { style, width: width - indent.length };
  return renderTextChange(before ?? "", after ?? "", options);
}
