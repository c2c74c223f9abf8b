import { drawBlock } from "./block.js";
import type { Style } from "./style.js";
import {
  gap,
  type Layout,
  layOut,
  titleOf,
  WordedBlock,
  type WordedColumn,
  type Wording,
  wordingsOf,
} from "./table/layout.js";
import { cut, cutApart, displayWidth } from "./width.js";

export interface Column<Row> extends WordedColumn<Row> {
  /** The name for `--columns` and `--sort`. */
  key: string;
  /** The text in a pipe, if that differs: RFC 3339 times, numbers without units. */
  piped?(row: Row): string;
  /** Its name in help, if that isn't the key. */
  pipedAs?: string;
  /** The cell without symbols, for accessible mode. */
  inWords?(row: Row): string;
  /** The value to sort by with `--sort`, if that isn't the text in a pipe; undefined is sorted last. */
  order?(row: Row): string | number | undefined;
  align?: "left" | "right";
  style?(text: string, row: Row, style: Style): string;
  /** True for a name, which is cut in the middle if it starts like another. */
  isName?: true;
  /** True if it is shown on a terminal even when none of its cells has any text. */
  isAlwaysShown?: true;
}

interface TableOptions {
  width: number;
  style: Style;
}

const mostRowsInBlock = 100;

/** Renders a whole table for a terminal, with its header; empty if there are no rows. */
export async function renderTable<Row>(
  rows: Iterable<Row>,
  columns: readonly Column<Row>[],
  options: TableOptions,
): Promise<string> {
  const parts: string[] = [];
  for await (const block of tableBlocks(inBlocks([[...rows]]), () => columns, options)) parts.push(block);
  return parts.join("");
}

/**
 * Renders a table for a terminal, block by block as the rows arrive, with a header above the first block and above any
 * block with different titles.
 */
export async function* tableBlocks<Row>(
  blocks: AsyncIterable<readonly Row[]>,
  columns: () => readonly Column<Row>[],
  options: TableOptions,
): AsyncGenerator<string> {
  if (options.style.isInWords) {
    const { recordBlocks } = await import("./table/records.js");
    return yield* recordBlocks(blocks, columns);
  }
  let table: Table<Row> | undefined;
  for await (const rows of blocks) {
    if (rows.length === 0) continue;
    table ??= new Table(columns(), options);
    const { head, lines } = await table.draw(rows);
    yield `${[...head, ...lines].join("\n")}\n`;
  }
}

/** Renders a few rows without a header, for callers that put other lines in between. */
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

interface Shown<Row> {
  column: Column<Row>;
  wording: Wording<Row>;
  width: number;
}

/** Draws the titles and then a line for each row, with the cells cut to the widths in a layout. */
export async function drawRows<Row>(
  rows: readonly Row[],
  shown: readonly (Shown<Row> & { texts: readonly string[] })[],
  { style, paint }: { style: Style; paint(text: string, row: Row, column: Column<Row>): string },
): Promise<{ head: string; lines: string[] }> {
  const titles = shown.map((each) => style.bold(cut(titleOf(each), each.width)));
  const cuts = shown.map(({ column, texts, width }) =>
    column.isName ? cutApart(texts, width) : (text: string) => cut(text, width),
  );
  const cells = rows.map((row, at) =>
    shown.map(({ column, texts }, index) => paint(cuts[index]?.(texts[at] ?? "") ?? "", row, column)),
  );
  const [head = "", ...lines] = await drawBlock([titles, ...cells], {
    gap,
    widths: shown.map(({ width }) => width),
    aligns: shown.map(({ column }) => column.align ?? "left"),
  });
  return { head, lines };
}

/** The state on which a table's next block depends. */
class Table<Row> {
  #columns: readonly Column<Row>[] = [];
  #layout: Layout | undefined;
  #shown: readonly Shown<Row>[] = [];
  readonly #widest = new Map<Wording<Row>, number>();

  constructor(
    private readonly all: readonly Column<Row>[],
    private readonly options: TableOptions,
  ) {}

  /** Draws a block, with a header if its titles differ from the last ones. */
  async draw(rows: readonly Row[]): Promise<{ head: string[]; lines: string[] }> {
    const { style } = this.options;
    const block = new WordedBlock(rows);
    const above = this.#shown.map(titleOf).join("\t");
    const hasHead = this.#shown.length > 0;
    const shown = this.#layOut(block).map((each) => ({ ...each, texts: block.textsOf(each.wording) }));
    const { head, lines } = await drawRows(rows, shown, {
      style,
      paint: (text, row, column) => column.style?.(text, row, style) ?? text,
    });
    return { head: hasHead && shown.map(titleOf).join("\t") === above ? [] : [head], lines };
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

  /** The columns that have text in any row so far, or all of them if none has. */
  #filled(block: WordedBlock<Row>): readonly Column<Row>[] {
    const filled = this.all.filter(
      (column) => column.isAlwaysShown || this.#columns.includes(column) || block.says(column),
    );
    return filled.length === 0 ? this.all : filled;
  }

  #widthOf(wording: Wording<Row>, block: WordedBlock<Row>): number {
    return Math.max(this.#widest.get(wording) ?? 1, block.widthOf(wording));
  }
}
