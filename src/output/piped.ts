import type { RowDetails } from "./formats/format.js";
import { safe } from "./safe.js";
import type { Column } from "./table.js";

export function pipedRow<Row>(row: Row, columns: readonly Column<Row>[]): string {
  return columns.map((column) => safe(column.piped?.(row) ?? column.cell(row), "cell")).join("\t");
}

export function pipedRows<Row>(
  row: Row,
  columns: readonly Column<Row>[],
  below: RowDetails<Row> | undefined,
): string[] {
  const cells = pipedRow(row, columns);
  if (below === undefined) return [cells];
  return below.piped(row).map((fields) => [cells, ...fields.map((field) => safe(field, "cell"))].join("\t"));
}
