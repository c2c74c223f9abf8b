import { type ColumnOptions, column } from "./columns.js";
import type { Column } from "./table.js";
import { ago, agoBriefly } from "./time.js";
import { textOrDash } from "./value-text.js";

/** How long ago something was, whole or absent; in a pipe the time, by which it is sorted. */
export function agoColumn<Row>(
  key: string,
  at: (row: Row) => string | null | undefined,
  { now, hiddenAt, ...more }: ColumnOptions<Row> & { now: Date; hiddenAt: number },
): Column<Row> {
  return column(key, (row) => agoBriefly(at(row), now), {
    title: "AGO",
    inWords: (row) => ago(at(row), now),
    piped: (row) => textOrDash(at(row)),
    order: (row) => at(row) ?? undefined,
    steps: { [hiddenAt]: "hidden" },
    ...more,
  });
}
