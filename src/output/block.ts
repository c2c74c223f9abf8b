import type { Style } from "./style.js";

export interface BlockOptions {
  indent?: string;
  gap?: string;
  /** The minimum width of each cell: from a layout, or common to the blocks drawn in several calls. */
  widths?: readonly number[];
  aligns?: readonly ("left" | "right")[];
}

/** Maximum lines for cli-table3 to draw at once, because its time grows with the square of their number. */
const mostLines = 50;

/** The first of the private characters that replace the columns of a text cli-table3 would measure wrongly. */
const firstStandIn = 0xe000;

/**
 * Draws cells, which may have several lines, below each other; every table and block on a terminal is drawn here.
 * Measures other scripts, emoji and colours itself. Expects safe text.
 */
export async function drawBlock(
  rows: readonly (readonly string[])[],
  { indent = "", gap = "  ", widths = [], aligns = [] }: BlockOptions = {},
): Promise<string[]> {
  const { default: CliTable } = await import("cli-table3");
  const { styledWidth } = await import("./width.js");
  const lines = rows.flatMap(linesOf);
  const widest = (least: number, at: number) =>
    lines.reduce((most, cells) => Math.max(most, styledWidth(cells[at] ?? "")), least);
  const colWidths = (rows[0] ?? []).map((_, at) => widest(widths[at] ?? 0, at));
  const drawn: string[] = [];
  for (let from = 0; from < lines.length; from += mostLines) {
    const others: string[] = [];
    const measured = (text: string) => {
      if (/^[\x20-\x7e]*$/.test(text)) return text;
      return String.fromCodePoint(firstStandIn + others.push(text) - 1).repeat(styledWidth(text));
    };
    const table = new CliTable({
      colWidths,
      colAligns: [...aligns],
      chars: { ...noBorders, left: indent, middle: gap },
      style: { head: [], border: [], "padding-left": 0, "padding-right": 0, compact: true },
    });
    table.push(...lines.slice(from, from + mostLines).map((cells) => cells.map(measured)));
    const textOf = (standIns: string) => others[(standIns.codePointAt(0) ?? 0) - firstStandIn] ?? "";
    const text = table.toString().replace(/([\ue000-\uf8ff])\1*/g, textOf);
    drawn.push(...text.split("\n").map((line) => line.trimEnd()));
  }
  return drawn;
}

function linesOf(cells: readonly string[]): string[][] {
  const texts = cells.map((cell) => cell.split("\n"));
  const height = Math.max(...texts.map(({ length }) => length));
  return Array.from({ length: height }, (_, at) => texts.map((lines) => lines[at] ?? ""));
}

export async function labelledRows(
  rows: readonly (readonly [label: string, value: string])[],
  { width, style }: { width: number; style: Style },
): Promise<string[]> {
  if (style.isInWords) return rows.map(([label, value]) => `${label}: ${value}`);
  return drawBlock(rows, { indent: "  ", gap: " ", widths: [width] });
}

const noBorders = Object.fromEntries(
  ["top", "bottom", "left", "mid", "right"].flatMap((side) =>
    [side, `${side}-mid`, `${side}-left`, `${side}-right`].map((part) => [part, ""]),
  ),
);
