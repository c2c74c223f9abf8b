import { column } from "../columns.js";
import type { Column } from "../render-table.js";
import { ago, relative } from "../time.js";
import { dash, valueText } from "../value-text.js";

/**
 * Columns that `--columns` and `--sort` accept besides a list's own, named after their JSON fields. They contain the
 * value in a pipe, and the relative time on a terminal.
 */
export function fieldColumns<Row>(
  names: readonly string[],
  { now, jsonOf }: { now: Date; jsonOf(row: Row): Readonly<Record<string, unknown>> },
): Column<Row>[] {
  return names.map((name) =>
    column(name, (row) => shown(jsonOf(row)[name], { name, now }), {
      steps: /_(?:at|id)$/.test(name) ? {} : { 10: 12 },
      piped: (row) => valueText(jsonOf(row)[name]),
      order: (row) => valueText(jsonOf(row)[name]) || undefined,
    }),
  );
}

function shown(value: unknown, { name, now }: { name: string; now: Date }): string {
  const text = valueText(value);
  if (text === "") return dash;
  if (!name.endsWith("_at") || typeof value !== "string") return text;
  return name.startsWith("next_") ? relative(value, now) : ago(value, now);
}
