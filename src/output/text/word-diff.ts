import { safe } from "../safe.js";
import type { Style } from "../style.js";
import { displayWidth } from "../width.js";
import { renderTextDiff } from "./diff.js";

/** What changed in one place of a text, with what stands around it in its line. */
interface WordChange {
  before: string;
  removed: string;
  added: string;
  after: string;
}

export interface WordDiffOptions {
  style: Style;
  /** Columns that a line may have; absent: what is around a change isn't cut. */
  width?: number | undefined;
}

/** Two texts further apart than this are compared by lines. */
const mostEdits = 500;
/** What is around a change has so many columns at least. */
const leastAround = 16;

/** Two texts against each other: by words where that says most, else by lines. Lines without line ends, made safe. */
export async function renderTextChange(
  before: string,
  after: string,
  options: WordDiffOptions,
): Promise<string[]> {
  return (await renderWordChanges(before, after, options)) ?? renderTextDiff(before, after, options);
}

/**
 * Each place where two texts differ, by words: `… post it to [-Slack-]{+Teams+}, then …`, in colours too. Lines without
 * line ends, made safe. Undefined where the texts are better compared line by line.
 */
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

/** Undefined: what was removed and added has no room in a line. */
function renderOne(
  { before, removed, added, after }: WordChange,
  { style, width }: WordDiffOptions,
): string | undefined {
  const marks = [
    ...(removed === "" ? [] : [marked(removed, { style, kind: "removed" })]),
    ...(added === "" ? [] : [marked(added, { style, kind: "added" })]),
  ];
  const between = style.isInWords ? " " : "";
  const plain = marks.map(({ text }) => text).join(between);
  const room = width === undefined ? Number.POSITIVE_INFINITY : width - displayWidth(plain);
  if (room < leastAround) return undefined;
  const each = Math.floor(room / 2);
  const line = before.slice(before.lastIndexOf("\n") + 1);
  const rest = after.includes("\n") ? after.slice(0, after.indexOf("\n")) : after;
  return endOf(line, each) + marks.map(({ painted }) => painted).join(between) + startOf(rest, each);
}

interface Mark {
  text: string;
  painted: string;
}

function marked(value: string, { style, kind }: { style: Style; kind: "removed" | "added" }): Mark {
  const shown = safe(value, "cell");
  if (style.isInWords) {
    const text = `(${kind === "removed" ? "was" : "now"}: ${shown})`;
    return { text, painted: text };
  }
  if (kind === "removed") return { text: `[-${shown}-]`, painted: `[-${shown}-]` };
  const text = `{+${shown}+}`;
  return { text, painted: style.bold(text) };
}

/** The last words that fit, with `…` where there are more. */
function endOf(text: string, width: number): string {
  const shown = safe(text, "cell").trimStart();
  if (displayWidth(shown) <= width) return shown;
  const words = shown.split(/(?<= )/);
  let taken = "";
  for (const word of words.reverse()) {
    if (displayWidth(word + taken) > width - 2) break;
    taken = word + taken;
  }
  return taken === "" ? "…" : `… ${taken}`;
}

/** The first words that fit. */
function startOf(text: string, width: number): string {
  const shown = safe(text, "cell").trimEnd();
  if (displayWidth(shown) <= width) return shown;
  let taken = "";
  for (const word of shown.split(/(?= )/)) {
    if (displayWidth(taken + word) > width - 2) break;
    taken += word;
  }
  return `${taken} …`.replace(/^ …$/, "…");
}
