import type { Io } from "../../context.js";
import { believableWidth, sinkOf } from "../sink.js";
import type { Column } from "../table.js";

const enter = "\u001b[?1049h\u001b[?25l";
const leave = "\u001b[?25h\u001b[?1049l";
const home = "\u001b[H";
const clearToLineEnd = "\u001b[K";
const clearBelow = "\u001b[J";
const rowsWhenUnknown = 24;

/**
 * A terminal's other screen, redrawn in place. Close it in a `finally`: the person's own screen comes back with the last
 * frame on it.
 */
export class WatchScreen {
  #frame: readonly string[] | undefined;

  constructor(private readonly io: Pick<Io, "stdout">) {}

  /** Shows ready text from the top; what doesn't fit is counted in the last line, above `foot`. */
  async show(text: string, foot?: string): Promise<void> {
    const below = foot === undefined ? [] : foot.split("\n");
    const above = text === "" ? [] : text.replace(/\n$/, "").split("\n");
    const opening = this.#frame === undefined ? enter : "";
    this.#frame = [...fitRows(above, Math.max(1, rowsNow(this.io) - below.length)), ...below];
    sinkOf(this.io.stdout).beforeCrash = leave;
    const drawn = this.#frame.map((line) => line + clearToLineEnd).join("\r\n");
    await sinkOf(this.io.stdout).write(opening + home + drawn + clearBelow);
  }

  async close(): Promise<void> {
    if (this.#frame === undefined) return;
    const lastFrame = this.#frame.map((line) => `${line}\n`).join("");
    this.#frame = undefined;
    sinkOf(this.io.stdout).beforeCrash = "";
    await sinkOf(this.io.stdout).write(leave + lastFrame);
  }
}

export function rowsNow({ stdout }: Pick<Io, "stdout">): number {
  const rows = "rows" in stdout ? stdout.rows : undefined;
  return typeof rows === "number" && rows > 0 ? rows : rowsWhenUnknown;
}

/** The width now: a person may have resized the terminal since the command began. */
export function columnsNow({ stdout, columns, inWords }: Pick<Io, "stdout" | "columns" | "inWords">): number {
  const now = "columns" in stdout && inWords === undefined ? stdout.columns : undefined;
  return (typeof now === "number" ? believableWidth(now) : undefined) ?? columns;
}

function fitRows(lines: readonly string[], rows: number): string[] {
  if (lines.length <= rows) return [...lines];
  const shown = Math.max(0, rows - 1);
  return [...lines.slice(0, shown), `… ${lines.length - shown} more`];
}

/** Compares a list with what it was before, by the piped text: time that passes is no change. */
export class ChangeTracker<Row> {
  #before: ReadonlyMap<string, string[]> | undefined;

  constructor(
    private readonly columns: readonly Column<Row>[],
    private readonly idOf: (row: Row) => string,
  ) {}

  /** Columns with a mark before them, `+` new, `*` changed, and changed cells in bold; and the number of rows that are gone. */
  next(rows: readonly Row[]): { columns: Column<Row>[]; gone: number } {
    const before = this.#before;
    const now = new Map(rows.map((row) => [this.idOf(row), this.#textsOf(row)]));
    this.#before = now;
    const columns = this.columns.map((column, index) =>
      emphasised(column, (row) => this.#hasChanged(row, before, index)),
    );
    const gone = before === undefined ? 0 : [...before.keys()].filter((id) => !now.has(id)).length;
    return { columns: [this.#markColumn(before), ...columns], gone };
  }

  /** Rows that are new or have changed, with a column that says which; for `inWords`. */
  changed(rows: readonly Row[]): { rows: readonly Row[]; columns: Column<Row>[]; gone: number } {
    const before = this.#before;
    const { columns, gone } = this.next(rows);
    if (before === undefined) return { rows, columns: columns.slice(1), gone };
    const change = (row: Row) => {
      if (!before.has(this.idOf(row))) return "new";
      return this.columns
        .filter((_column, index) => this.#hasChanged(row, before, index))
        .map(({ key }) => key.replaceAll("_", " "))
        .join(", ");
    };
    const column: Column<Row> = { key: "changed", title: "CHANGED", cell: change };
    return { rows: rows.filter((row) => change(row) !== ""), columns: [column, ...columns.slice(1)], gone };
  }

  #markColumn(before: ReadonlyMap<string, string[]> | undefined): Column<Row> {
    const cell = (row: Row): string => {
      if (before === undefined) return "";
      if (!before.has(this.idOf(row))) return "+";
      return this.columns.some((_column, index) => this.#hasChanged(row, before, index)) ? "*" : "";
    };
    return { key: "change", title: " ", cell, stays: true, style: (text, _row, style) => style.bold(text) };
  }

  #hasChanged(row: Row, before: ReadonlyMap<string, string[]> | undefined, index: number): boolean {
    const texts = before?.get(this.idOf(row));
    return texts !== undefined && texts[index] !== this.#textsOf(row)[index];
  }

  #textsOf(row: Row): string[] {
    return this.columns.map((column) => column.piped?.(row) ?? column.cell(row));
  }
}

function emphasised<Row>(column: Column<Row>, hasChanged: (row: Row) => boolean): Column<Row> {
  return {
    ...column,
    style: (text, row, style) => {
      const styled = column.style?.(text, row, style) ?? text;
      return hasChanged(row) ? style.bold(styled) : styled;
    },
  };
}
