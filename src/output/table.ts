import type { Style } from "./style.js";
import { type ColumnPriority, gap, type Layout, layOut } from "./table/layout.js";
import {
  type NarrowerWording,
  titleOf,
  WordedBlock,
  type WordedColumn,
  type Wording,
  wordingsOf,
} from "./table/wordings.js";
import { cut, cutApart, displayWidth } from "./width.js";

/** One column of a list. */
export interface Column<Row> extends WordedColumn<Row> {
  /** The word for `--columns` and `--sort`. */
  key: string;
  /** What a pipe gets, if it is something else: RFC 3339 times, numbers without units. */
  piped?(row: Row): string;
  /** The cell without signs, for accessible mode, if it has any. */
  inWords?(row: Row): string;
  /** What `--sort` compares, if not the piped text. What has none comes last. */
  order?(row: Row): string | number | undefined;
  align?: "left" | "right";
  /** Colours the cell's safe and cut text. */
  style?(text: string, row: Row, style: Style): string;
  /** What it gives up where the terminal is narrow. Without `cutTo` a cell is whole or not there: half a time says another time. */
  priorities?: readonly (NarrowerWording<Row> | ColumnPriority)[];
  /** A name: one that begins like another is cut in its middle. */
  isName?: true;
  /** It is shown on a terminal even if no row has a text in it. */
  stays?: true;
}

export interface TableOptions {
  /** Columns of the terminal. */
  width: number;
  style: Style;
}

interface BlockOptions<Row> extends TableOptions {
  /** Ready lines below a row. */
  below?: ((row: Row) => readonly string[]) | undefined;
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
 * Where the titles above don't fit later rows, which need other columns or narrower wordings, a header stands above these too.
 */
export async function* tableBlocks<Row>(
  blocks: AsyncIterable<readonly Row[]>,
  columns: readonly Column<Row>[],
  { below, ...options }: BlockOptions<Row>,
): AsyncGenerator<string> {
  if (options.style.isInWords) {
    const { recordBlocks } = await import("./table/records.js");
    return yield* recordBlocks(blocks, columns, below);
  }
  const table = new Table(columns, options);
  for await (const rows of blocks) {
    if (rows.length === 0) continue;
    const { head, lines } = await table.draw(rows);
    const told = below === undefined ? lines : rows.flatMap((row, at) => [lines[at] ?? "", ...below(row)]);
    yield `${[...head, ...told].join("\n")}\n`;
  }
}

/** The lines of a few rows without a header, for whoever puts other lines between them. */
export async function tableLines<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  options: TableOptions,
): Promise<string[]> {
  if (options.style.isInWords) {
    const { recordLines } = await import("./table/records.js");
    return rows.map((row) => recordLines(row, columns).join(", "));
  }
  return (await new Table(columns, options).draw(rows)).lines;
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

/** A column as it is shown. */
interface Shown<Row> {
  column: Column<Row>;
  wording: Wording<Row>;
  width: number;
}

/** A table, as far as its next block has to know what stands above. */
class Table<Row> {
  /** Those that have had a text in any row. */
  #columns: readonly Column<Row>[] = [];
  #layout: Layout | undefined;
  #shown: readonly Shown<Row>[] = [];
  #drawLine: DrawLine = () => "";
  readonly #widest = new Map<Wording<Row>, number>();

  constructor(
    private readonly all: readonly Column<Row>[],
    private readonly options: TableOptions,
  ) {}

  /** The lines of a block; a header where nothing above is one for it. */
  async draw(rows: readonly Row[]): Promise<{ head: string[]; lines: string[] }> {
    const { style } = this.options;
    const block = new WordedBlock(rows);
    const before = this.#shown;
    const shown = this.#layOut(block);
    const titles = shown.map(titleOf);
    const hasHead = before.length > 0 && titles.join("\t") === before.map(titleOf).join("\t");
    if (shown.length !== before.length || shown.some(({ width }, at) => width !== before[at]?.width))
      this.#drawLine = await linePattern(shown.map(({ width }) => width));
    const texts = shown.map(({ wording }) => block.textsOf(wording));
    const cuts = shown.map(({ column, width }, index) => cutOf(column, { texts: texts[index] ?? [], width }));
    const lines = rows.map((row, at) => {
      const cells = shown.map(({ column, width }, index) => {
        const paint = (text: string) => column.style?.(text, row, style) ?? text;
        return drawCell(cuts[index]?.(texts[index]?.[at] ?? "") ?? "", { width, align: column.align, paint });
      });
      return this.#drawLine(cells);
    });
    const head = shown.map(({ column, width }, index) =>
      drawCell(titles[index] ?? "", { width, align: column.align, paint: style.bold }),
    );
    return { head: hasHead ? [] : [this.#drawLine(head)], lines };
  }

  #layOut(block: WordedBlock<Row>): readonly Shown<Row>[] {
    const columns = this.#filled(block);
    const wordings = columns.map(wordingsOf);
    const isAsBefore = columns.length === this.#columns.length;
    this.#layout = layOut(
      columns.map(({ priorities = [] }) => priorities),
      {
        widthOf: (at, index) => {
          const [column, wording] = [columns[at], wordings[at]?.[index]];
          if (column === undefined || wording === undefined) return 0;
          return Math.max(displayWidth(titleOf({ column, wording })), this.#widthOf(wording, block));
        },
        available: this.options.width,
        after: isAsBefore ? this.#layout : undefined,
      },
    );
    for (const wording of block.worded) this.#widest.set(wording, this.#widthOf(wording, block));
    this.#columns = columns;
    this.#shown = this.#layout.states.flatMap(({ isHidden, width, wording: index }, at) => {
      const column = columns[at];
      const wording = wordings[at]?.[index];
      return isHidden || column === undefined || wording === undefined ? [] : [{ column, wording, width }];
    });
    return this.#shown;
  }

  /** The columns with a text in any row so far: one that says nothing is left out. All of them where none says anything. */
  #filled(block: WordedBlock<Row>): readonly Column<Row>[] {
    const filled = this.all.filter(
      (column) => column.stays || this.#columns.includes(column) || block.says(column),
    );
    return filled.length === 0 ? this.all : filled;
  }

  #widthOf(wording: Wording<Row>, block: WordedBlock<Row>): number {
    return Math.max(this.#widest.get(wording) ?? 1, block.widthOf(wording));
  }
}

/** How the texts of a column are cut to its width. */
export function cutOf<Row>(
  { isName }: Column<Row>,
  { texts, width }: { texts: readonly string[]; width: number },
): (text: string) => string {
  return isName ? cutApart(texts, width) : (text) => cut(text, width);
}

/** A cell at its width, cut where it is wider. Padding stands outside the colour, so that a line's end can be trimmed and no background shows. */
export function drawCell(
  text: string,
  {
    width,
    align,
    paint,
  }: { width: number; align: "left" | "right" | undefined; paint(text: string): string },
): string {
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
  const { default: CliTable } = await import("cli-table3");
  const table = new CliTable({
    colWidths: [...widths],
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0, compact: true },
    chars: { ...noBorders, middle: gap },
  });
  table.push(widths.map((width) => standIn.repeat(width)));
  const pieces = table.toString().split(new RegExp(`${standIn}+`, "u"));
  return (cells) => {
    const line = pieces.map((piece, index) => piece + (cells[index] ?? ""));
    return line.join("").trimEnd();
  };
}

const noBorders = Object.fromEntries(
  ["top", "bottom", "left", "mid", "right"].flatMap((side) => {
    return [side, `${side}-mid`, `${side}-left`, `${side}-right`].map((index) => [index, ""]);
  }),
);
