import { type Flexibility, gap, layOut, widen } from "./layout.js";
import { safe } from "./safe.js";
import type { Style } from "./style.js";
import { cut, displayWidth } from "./width.js";

/** One column of a list. The texts are plain: the table makes them safe. */
export interface Column<Row> extends Flexibility {
  /** The word for `--columns` and `--sort`. */
  key: string;
  title: string;
  /** What a person reads on a terminal. */
  cell(row: Row): string;
  /** What a pipe gets, if it is something else: RFC 3339 times, numbers without units. */
  piped?(row: Row): string;
  /** What `--sort` compares, if not the piped text. What has none comes last. */
  order?(row: Row): string | number | undefined;
  align?: "left" | "right";
  /** Colours the cell's safe and cut text. */
  style?(text: string, row: Row, style: Style): string;
}

export interface TableOptions {
  /** Columns of the terminal. */
  width: number;
  style: Style;
}

/** Stands for a cell's width while cli-table3 draws: one column each, and nothing that a cell may hold is in its way. */
const standIn = "\ue000";
const mostRowsInBlock = 100;

type DrawLine = (cells: readonly string[]) => string;

/** A whole table for a terminal, with its header; ends with a line end. Nothing for no rows. */
export async function renderTable<Row>(
  rows: Iterable<Row>,
  columns: readonly Column<Row>[],
  options: TableOptions,
): Promise<string> {
  const parts: string[] = [];
  for await (const block of tableBlocks(inBlocks([[...rows]]), columns, options)) parts.push(block);
  return parts.join("");
}

/**
 * A table for a terminal, block by block as the rows come: aligned by display width, the header above the first block.
 * Later blocks are never narrower than the first.
 */
export async function* tableBlocks<Row>(
  blocks: AsyncIterable<readonly Row[]>,
  columns: readonly Column<Row>[],
  options: TableOptions,
): AsyncGenerator<string> {
  const { style, width: available } = options;
  let widths: number[] | undefined;
  let drawLine: DrawLine | undefined;
  for await (const rows of blocks) {
    if (rows.length === 0) continue;
    const cells = rows.map((row) => columns.map((column) => safe(column.cell(row), "cell")));
    const needed = columns.map((_column, index) => widest(cells, index));
    const next =
      widths === undefined
        ? layOut(columns, withTitles(needed, columns), available)
        : widen(columns, { widths, needed, available });
    const lines: string[] = [];
    if (drawLine === undefined || next.join() !== widths?.join()) drawLine = await linePattern(next);
    if (widths === undefined) {
      const titles = columns.map(({ title, align }, index) =>
        drawCell(title, { width: next[index] ?? 0, align, paint: style.bold }),
      );
      lines.push(drawLine(titles));
    }
    widths = next;
    for (const [at, row] of rows.entries()) {
      const drawn = columns.map((column, index) => {
        const paint = (shown: string) => column.style?.(shown, row, style) ?? shown;
        return drawCell(cells[at]?.[index] ?? "", { width: next[index] ?? 0, align: column.align, paint });
      });
      lines.push(drawLine(drawn));
    }
    yield `${lines.join("\n")}\n`;
  }
}

/** Rows in blocks of a hundred, as their pages come. */
export async function* inBlocks<Row>(
  pages: AsyncIterable<readonly Row[]> | Iterable<readonly Row[]>,
): AsyncGenerator<Row[]> {
  let block: Row[] = [];
  for await (const rows of pages) {
    for (const row of rows) {
      block.push(row);
      if (block.length < mostRowsInBlock) continue;
      yield block;
      block = [];
    }
  }
  if (block.length > 0) yield block;
}

function withTitles(needed: readonly number[], columns: readonly Column<never>[]): number[] {
  return columns.map((column, index) => Math.max(displayWidth(column.title), needed[index] ?? 0));
}

function widest(cells: readonly string[][], index: number): number {
  return cells.reduce((most, row) => Math.max(most, displayWidth(row[index] ?? "")), 0);
}

/** A cell at its width. Padding stands outside the colour, so that a line's end can be trimmed and no background shows. */
function drawCell(
  text: string,
  { width, align, paint }: { width: number; align: Column<never>["align"]; paint(text: string): string },
): string {
  if (width === 0) return "";
  const shown = cut(text, width);
  const padding = " ".repeat(Math.max(0, width - displayWidth(shown)));
  return align === "right" ? padding + paint(shown) : paint(shown) + padding;
}

/**
 * How one line of a block is drawn at fixed widths. cli-table3 says where a line's columns and the spaces between them
 * lie; it can't draw the rows themselves: it takes some twenty microseconds a cell, a second and more for ten thousand
 * rows, and cuts what a terminal has room for, since it measures other scripts and emoji in its own way. So it lays out
 * one line of stand-ins, and the rows, cut and padded by our own measure, are poured into it.
 */
async function linePattern(widths: readonly number[]): Promise<DrawLine> {
  const { default: Table } = await import("cli-table3");
  const shown = widths.flatMap((width, index) => (width > 0 ? [index] : []));
  const table = new Table({
    colWidths: shown.map((index) => widths[index] ?? 0),
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0, compact: true },
    chars: { ...noBorders, middle: gap },
  });
  table.push(shown.map((index) => standIn.repeat(widths[index] ?? 0)));
  const pieces = table.toString().split(new RegExp(`${standIn}+`, "u"));
  return (cells) => {
    const line = pieces.map(
      (piece, place) => piece + (place < shown.length ? (cells[shown[place] ?? -1] ?? "") : ""),
    );
    return line.join("").trimEnd();
  };
}

const noBorders = Object.fromEntries(
  ["top", "bottom", "left", "mid", "right"].flatMap((side) => {
    return [side, `${side}-mid`, `${side}-left`, `${side}-right`].map((place) => [place, ""]);
  }),
);
