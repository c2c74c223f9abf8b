import { safe } from "../safe.js";
import type { Style } from "../style.js";
import { valueText } from "../value-text.js";
import { displayWidth, pad, wrap } from "../width.js";

export interface FromTo {
  from?: unknown;
  to?: unknown;
}

export interface DiffOptions {
  style: Style;
  /** Columns of the terminal; off a terminal lines are left whole. */
  width?: number;
}

type DiffLine = readonly [sign: "-" | "+" | " " | "…", text: string];

const contextLines = 2;
/** Edits past which two texts are shown one after the other: the comparison would take too long. */
const mostEdits = 2000;
const indent = "  ";

/**
 * Changes for a person: `schedule  0 9 * * 1 → 0 10 * * 1`, texts of several lines as removed and added lines. Lines
 * without line ends, made safe.
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

/** Lines of two texts against each other: `- removed`, `+ added`, two lines around; `…` for what is left out. */
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
  if (style.isInWords) return [indent + (sign === "…" ? "some equal lines" : `${diffWords[sign]}: ${text}`)];
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
