import { safe } from "../safe.js";
import { dash } from "../value-text.js";

interface RecordColumn<Row> {
  key: string;
  cell(row: Row): string;
  inWords?(row: Row): string;
  isAlwaysShown?: true;
}

/** A row as lines, each with the name of a column and its text; empty texts are left out. Safe text. */
export function recordLines<Row>(row: Row, columns: readonly RecordColumn<Row>[]): string[] {
  return columns.flatMap((column) => {
    const text = safe((column.inWords ?? column.cell)(row), "cell").trim();
    if ((text === "" || text === dash) && column.isAlwaysShown === undefined) return [];
    return `${column.key.replaceAll("_", " ")}: ${text === "" ? "none" : text}`;
  });
}

/** Rows as blocks of labelled lines, separated by empty lines. */
export async function* recordBlocks<Row>(
  blocks: AsyncIterable<readonly Row[]>,
  columns: () => readonly RecordColumn<Row>[],
): AsyncGenerator<string> {
  let isFirst = true;
  let shown: readonly RecordColumn<Row>[] = [];
  for await (const rows of blocks) {
    if (shown.length === 0) shown = columns();
    const records = rows.map((row) =>
      recordLines(row, shown)
        .map((line) => `${line}\n`)
        .join(""),
    );
    if (records.length > 0) yield (isFirst ? "" : "\n") + records.join("\n");
    isFirst &&= records.length === 0;
  }
}
