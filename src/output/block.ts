import type { Style } from "./style.js";
import { styledWidth } from "./width.js";

export interface BlockOptions {
  indent?: string;
  gap?: string;
  /** Columns of the first cells, where blocks of several calls stand below each other. */
  labelWidth?: number;
}

/** The first of the private characters that stand for the columns of a line which cli-table3 would measure otherwise. */
const firstStandIn = 0xf0000;

/**
 * Draws cells, which may have several lines, below each other. For blocks of a few rows: cli-table3 takes some 20 µs a cell,
 * seconds for a long list. Other scripts, emoji and colours are measured by us. Expects safe text.
 */
export async function drawBlock(
  rows: readonly (readonly string[])[],
  { indent = "", gap = "  ", labelWidth }: BlockOptions = {},
): Promise<string[]> {
  const { default: CliTable } = await import("cli-table3");
  const others: string[] = [];
  const measured = (line: string) => {
    const width = styledWidth(line);
    if (width === 0 || /^[\x20-\x7e]*$/.test(line)) return line;
    return String.fromCodePoint(firstStandIn + others.push(line) - 1).repeat(width);
  };
  const table = new CliTable({
    ...(labelWidth !== undefined && { colWidths: [labelWidth] }),
    chars: { ...noBorders, left: indent, middle: gap },
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0, compact: true },
  });
  table.push(...rows.map((row) => row.map((cell) => cell.split("\n").map(measured).join("\n"))));
  const lineOf = (standIns: string) => others[(standIns.codePointAt(0) ?? 0) - firstStandIn] ?? "";
  const drawn = table.toString().replace(/[\u{f0000}-\u{ffffd}]+/gu, lineOf);
  return drawn.split("\n").map((line) => line.trimEnd());
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
