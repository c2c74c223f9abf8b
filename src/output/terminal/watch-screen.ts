import type { Io } from "../../context/context.js";
import type { Column } from "../render-table.js";
import { believableWidth, sinkOf } from "../sink.js";

const enter = "\u001b[?1049h\u001b[?25l";
const leave = "\u001b[?25h\u001b[?1049l";
const home = "\u001b[H";
const clearToLineEnd = "\u001b[K";
const clearBelow = "\u001b[J";
const rowsWhenUnknown = 24;

/** A terminal's alternate screen, redrawn in place. Close it in a `finally`, which then prints the last frame. */
export class WatchScreen {
  #frame: readonly string[] | undefined;

  constructor(private readonly io: Pick<Io, "stdout">) {}

  /** Shows finished text from the top. If some lines don't fit, the last line, above `foot`, counts them. */
  async show(text: string, foot?: string): Promise<void> {
    const below = foot === undefined ? [] : foot.split("\n");
    const above = text === "" ? [] : text.replace(/\n$/, "").split("\n");
    const opening = this.#frame === undefined ? enter : "";
    this.#frame = [...fitRows(above, Math.max(1, rowsNow(this.io) - below.length)), ...below];
    sinkOf(this.io.stdout).restoreSequence = leave;
    const drawn = this.#frame.map((line) => line + clearToLineEnd).join("\r\n");
    await sinkOf(this.io.stdout).write(opening + home + drawn + clearBelow);
  }

  async close(): Promise<void> {
    if (this.#frame === undefined) return;
    const lastFrame = this.#frame.map((line) => `${line}\n`).join("");
    this.#frame = undefined;
    sinkOf(this.io.stdout).restoreSequence = "";
    await sinkOf(this.io.stdout).write(leave + lastFrame);
  }
}

export function rowsNow({ stdout }: Pick<Io, "stdout">): number {
  const rows = "rows" in stdout ? stdout.rows : undefined;
  return typeof rows === "number" && rows > 0 ? rows : rowsWhenUnknown;
}

/** The current width, because the terminal may have been resized since the command started. */
export function columnsNow({ stdout, columns, inWords }: Pick<Io, "stdout" | "columns" | "inWords">): number {
  const now = "columns" in stdout && inWords === undefined ? stdout.columns : undefined;
  return (typeof now === "number" ? believableWidth(now) : undefined) ?? columns;
}

function fitRows(lines: readonly string[], rows: number): string[] {
  if (lines.length <= rows) return [...lines];
  const shown = Math.max(0, rows - 1);
  return [...lines.slice(0, shown), `… ${lines.length - shown} more`];
}

/** Compares a list with how it was before, by its text in a pipe, so that the passing of time isn't a change. */
export class ChangeTracker<Row> {
  #before: ReadonlyMap<string, string[]> | undefined;

  constructor(
    private readonly columns: readonly Column<Row>[],
    private readonly idOf: (row: Row) => string,
  ) {}

  /** Returns the columns after one of marks (`+` new, `*` changed), changed cells in bold. `gone`: rows that went. */
  next(rows: readonly Row[]): { columns: Column<Row>[]; gone: number } {
    const { changeOf, gone } = this.#compare(rows);
    const mark: Column<Row> = {
      key: "change",
      title: " ",
      cell: (row) => (changeOf(row) === "new" ? "+" : changeOf(row).length > 0 ? "*" : ""),
      isAlwaysShown: true,
      style: (text, _row, style) => style.bold(text),
    };
    const columns = this.columns.map(
      (column): Column<Row> => ({
        ...column,
        style: (text, row, style) => {
          const styled = column.style?.(text, row, style) ?? text;
          const change = changeOf(row);
          return change !== "new" && change.includes(column.key) ? style.bold(styled) : styled;
        },
      }),
    );
    return { columns: [mark, ...columns], gone };
  }

  /** Returns rows that are new or changed, and a column that says which; for `inWords`. The first time, returns all. */
  changed(rows: readonly Row[]): { rows: readonly Row[]; change?: Column<Row>; gone: number } {
    const isFirst = this.#before === undefined;
    const { changeOf, gone } = this.#compare(rows);
    if (isFirst) return { rows, gone };
    const cell = (row: Row) => [changeOf(row)].flat().join(", ").replaceAll("_", " ");
    return {
      rows: rows.filter((row) => cell(row) !== ""),
      change: { key: "changed", title: "CHANGED", cell },
      gone,
    };
  }

  /** `changeOf` returns the keys of the columns that differ; none for the first list. */
  #compare(rows: readonly Row[]): { changeOf(row: Row): "new" | readonly string[]; gone: number } {
    const before = this.#before;
    const textsOf = (row: Row) => this.columns.map((column) => column.piped?.(row) ?? column.cell(row));
    const now = new Map(rows.map((row) => [this.idOf(row), textsOf(row)]));
    this.#before = now;
    const changeOf = (row: Row) => {
      const old = before?.get(this.idOf(row));
      if (old === undefined) return before === undefined ? [] : "new";
      const texts = now.get(this.idOf(row)) ?? [];
      return this.columns.flatMap(({ key }, at) => (old[at] === texts[at] ? [] : [key]));
    };
    return { changeOf, gone: [...(before?.keys() ?? [])].filter((id) => !now.has(id)).length };
  }
}
