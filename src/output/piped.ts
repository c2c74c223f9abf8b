import { safe } from "./safe.js";
import type { Column } from "./table.js";

export function pipedRow<Row>(row: Row, columns: readonly Column<Row>[]): string {
  return columns.map((column) => safe(column.piped?.(row) ?? column.cell(row), "cell")).join("\t");
}
