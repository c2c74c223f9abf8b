import { safe } from "../safe.js";
import type { Style } from "../style.js";
import { valueText } from "../value-text.js";
import { displayWidth, pad, styledWidth, wrap } from "../width.js";

interface WordChange {
  before: string;
  removed: string;
  added: string;
  after: string;
}

interface WordDiffOptions {
  style: Style;
  width?: number | undefined;
}

/** Two texts with more edits than this are compared by lines. */
const mostWordEdits = 500;
const leastAround = 16;

/** Compares two texts, by words if that is clearest, otherwise by lines. Safe lines without line ends. */
export async function renderTextChange(
  before: string,
  after: string,
  options: WordDiffOptions,
): Promise<string[]> {
  return (await renderWordChanges(before, after, options)) ?? renderTextDiff(before, after, options);
}

/** The changes by words: `… post it to [-Slack-]{+Teams+}, then …`. Undefined if lines are clearer. */
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
  const parts = diffWordsWithSpace(before, after, { maxEditLength: mostWordEdits });
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

/** Renders one change; undefined if the removed and added words don't fit on a line. */
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

/** As many words beside a change as fit, with `…` if there are more. */
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

export interface FromTo {
  from?: unknown;
  to?: unknown;
}

export interface DiffOptions {
  style: Style;
  /** The terminal's width; without a terminal, lines aren't cut. */
  width?: number;
}

type DiffLine = readonly [sign: "-" | "+" | " " | "…", text: string];

const contextLines = 2;
/** Two texts with more edits than this are shown one after the other, because comparing them is too slow. */
const mostEdits = 2000;
const indent = "  ";

/**
 * Changes for people: `schedule  0 9 * * 1 → 0 10 * * 1`, or removed and added lines for texts of several lines. Safe
 * lines without line ends.
 */
export async function renderChanges(
  changes: Readonly<Record<string, FromTo>>,
  options: DiffOptions,
): Promise<string[]> {
  const fields = Object.entries(changes).map(([field, change]) => [safe(field, "cell"), change] as const);
  const widest = Math.max(0, ...fields.map(([field]) => displayWidth(field)));
  const rendered = fields.map(async ([field, change]) => {
    const line = oneLine(change, options);
    if (line !== undefined) return [`${indent}${pad(field, widest)}  ${line}`];
    const lines = await renderTextDiff(valueText(change.from), valueText(change.to), options);
    return [indent + field, ...lines.map((each) => indent + each)];
  });
  return (await Promise.all(rendered)).flat();
}

/** Compares two texts by lines: `- removed`, `+ added`, with two lines on either side; `…` for lines left out. */
export async function renderTextDiff(before: string, after: string, options: DiffOptions): Promise<string[]> {
  const lines = shorten(await compareLines(before.split("\n"), after.split("\n")));
  return lines.flatMap(([sign, text]) => foldLine(sign, safe(text, "cell"), options));
}

async function compareLines(before: string[], after: string[]): Promise<DiffLine[]> {
  const { diffArrays } = await import("diff");
  const parts = diffArrays(before, after, { maxEditLength: mostEdits });
  if (parts === undefined) return [...signed("-", before), ...signed("+", after)];
  return parts.flatMap((part) => signed(part.removed ? "-" : part.added ? "+" : " ", part.value));
}

function signed(sign: "-" | "+" | " ", lines: readonly string[]): DiffLine[] {
  return lines.map((line) => [sign, line] as const);
}

function shorten(lines: readonly DiffLine[]): DiffLine[] {
  const isNear = lines.map(() => false);
  for (const [at, [sign]] of lines.entries()) {
    if (sign !== " ") isNear.fill(true, Math.max(0, at - contextLines), at + contextLines + 1);
  }
  return lines.flatMap((line, at): DiffLine[] => {
    if (isNear[at]) return [line];
    return at === 0 || isNear[at - 1] ? [["…", ""]] : [];
  });
}

const diffWords = { "-": "was", "+": "now", " ": "same" };

function foldLine(sign: DiffLine[0], text: string, { style, width }: DiffOptions): string[] {
  if (style.isInWords) return [indent + (sign === "…" ? "unchanged lines" : `${diffWords[sign]}: ${text}`)];
  const lines = width === undefined ? [text] : wrap(text, Math.max(8, width - 3 * indent.length));
  const paint = sign === "+" ? style.bold : (line: string) => line;
  return lines.map((line, index) => indent + paint(`${index === 0 ? sign : " "} ${line}`.trimEnd()));
}

/** `from → to`; undefined for texts that need lines of their own. */
function oneLine({ from, to }: FromTo, { style, width }: DiffOptions): string | undefined {
  const texts = [valueText(from), valueText(to)].map((text) => safe(text, "cell"));
  const [before = "", after = ""] = texts;
  const isLong = displayWidth(before) + displayWidth(after) > (width ?? 120) - 20;
  if (isLong || `${valueText(from)}${valueText(to)}`.includes("\n")) return undefined;
  const none = "(none)";
  if (style.isInWords) return `was ${before || "(none)"}, now ${after || "(none)"}`;
  return `${before || none} → ${after === "" ? none : style.bold(after)}`;
}
