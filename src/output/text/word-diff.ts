import { safe } from "../safe.js";
import type { Style } from "../style.js";
import { displayWidth, styledWidth } from "../width.js";
import { renderTextDiff } from "./diff.js";

interface WordChange {
  before: string;
  removed: string;
  added: string;
  after: string;
}

export interface WordDiffOptions {
  style: Style;
  width?: number | undefined;
}

/** Edits past which two texts are compared by lines. */
const mostEdits = 500;
const leastAround = 16;

/** Two texts against each other: by words where that says most, else by lines. Lines without line ends, made safe. */
export async function renderTextChange(
  before: string,
  after: string,
  options: WordDiffOptions,
): Promise<string[]> {
  return (await renderWordChanges(before, after, options)) ?? renderTextDiff(before, after, options);
}

/** Changes by words: `… post it to [-Slack-]{+Teams+}, then …`. Undefined where lines say more. */
async function renderWordChanges(
  before: string,
  after: string,
  { style, width }: WordDiffOptions,
): Promise<string[] | undefined> {
  const changes = await wordChanges(before, after);
  const lines = changes?.map((change) => renderOne(change, { style, width }));
  return lines?.every((line) => line !== undefined) ? lines : undefined;
}

async function wordChanges(before: string, after: string): Promise<WordChange[] | undefined> {
  const { diffWordsWithSpace } = await import("diff");
  const parts = diffWordsWithSpace(before, after, { maxEditLength: mostEdits });
  if (parts === undefined) return undefined;
  const changes: WordChange[] = [];
  let same = "";
  for (const { value, added, removed } of parts) {
    if (value.includes("\n") && (added || removed)) return undefined;
    const last = changes.at(-1);
    const isNext = last === undefined || last.after !== "";
    if (!added && !removed) {
      if (last !== undefined) last.after = value;
      same = value;
    } else if (isNext) {
      changes.push({ before: same, removed: removed ? value : "", added: added ? value : "", after: "" });
    } else if (removed) last.removed += value;
    else last.added += value;
  }
  return changes;
}

/** Renders one changed place; undefined where the removed and added words have no room in a line. */
function renderOne(
  { before, removed, added, after }: WordChange,
  { style, width }: WordDiffOptions,
): string | undefined {
  const marks = marked(removed, added, style).join(style.isInWords ? " " : "");
  const room = width === undefined ? Number.POSITIVE_INFINITY : width - styledWidth(marks);
  if (room < leastAround) return undefined;
  const each = Math.floor(room / 2);
  const line = before.slice(before.lastIndexOf("\n") + 1);
  const rest = after.includes("\n") ? after.slice(0, after.indexOf("\n")) : after;
  return wordsBeside(line, each, "before") + marks + wordsBeside(rest, each, "after");
}

function marked(before: string, after: string, style: Style): string[] {
  const [removed = "", added = ""] = [before, after].map((text) => safe(text, "cell"));
  const marks = style.isInWords
    ? [removed && `(was: ${removed})`, added && `(now: ${added})`]
    : [removed && `[-${removed}-]`, added && style.bold(`{+${added}+}`)];
  return marks.filter((mark) => mark !== "");
}

/** The words beside a change that fit, with `…` where there are more. */
function wordsBeside(text: string, width: number, side: "before" | "after"): string {
  const isBefore = side === "before";
  const shown = isBefore ? safe(text, "cell").trimStart() : safe(text, "cell").trimEnd();
  if (displayWidth(shown) <= width) return shown;
  let taken = "";
  for (const word of isBefore ? shown.split(/(?<= )/).reverse() : shown.split(/(?= )/)) {
    const longer = isBefore ? word + taken : taken + word;
    if (displayWidth(longer) > width - 2) break;
    taken = longer;
  }
  if (taken === "") return "…";
  return isBefore ? `… ${taken}` : `${taken} …`;
}
