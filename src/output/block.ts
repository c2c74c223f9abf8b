import type { Style } from "./style.js";

export interface BlockOptions {
  indent?: string;
  gap?: string;
  /** Columns of the first cells, where blocks of several calls stand below each other. */
  labelWidth?: number;
}

/** Lines that cli-table3 draws at once: its time grows with their square. */
const mostLines = 50;

/** The first of the private characters that stand for the columns of a text which cli-table3 would measure otherwise. */
const firstStandIn = 0xe000;

/**
 * Draws cells, which may have several lines, below each other. For blocks of a few rows: cli-table3 takes
 * seconds for a long list. Other scripts, emoji and colours are measured by us. Expects safe text.
 */
export async function drawBlock(
  rows: readonly (readonly string[])[],
  { indent = "", gap = "  ", labelWidth = 0 }: BlockOptions = {},
): Promise<string[]> {
  const { default: CliTable } = await import("cli-table3");
  const { styledWidth } = await import("./width.js");
  const lines = rows.flatMap(linesOf);
  const widthOf = (at: number) =>
    lines.reduce((most, cells) => Math.max(most, styledWidth(cells[at] ?? "")), 0);
  const colWidths = (rows[0] ?? []).map((_, at) => Math.max(at === 0 ? labelWidth : 0, widthOf(at)));
  const drawn: string[] = [];
  for (let from = 0; from < lines.length; from += mostLines) {
    const others: string[] = [];
    const measured = (text: string) => {
      if (/^[\x20-\x7e]*$/.test(text)) return text;
      return String.fromCodePoint(firstStandIn + others.push(text) - 1).repeat(styledWidth(text));
    };
    const table = new CliTable({
      colWidths,
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
  return drawBlock(rows, { indent: "  ", gap: " ", labelWidth: width });
}

const noBorders = Object.fromEntries(
  ["top", "bottom", "left", "mid", "right"].flatMap((side) =>
    [side, `${side}-mid`, `${side}-left`, `${side}-right`].map((part) => [part, ""]),
  ),
);
