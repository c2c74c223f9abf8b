import type { Column } from "../table.js";
import { ago, relative } from "../time.js";
import { dash, valueText } from "../value-text.js";

/** Columns by the names that JSON has: in a pipe its value, for a person the distance where it is a time. */
export function fieldColumns<Row>(
  names: readonly string[],
  { now, fieldOf }: { now: Date; fieldOf(row: Row, name: string): unknown },
): Column<Row>[] {
  return names.map((name) => ({
    key: name,
    title: name.toUpperCase(),
    cell: (row) => shown(fieldOf(row, name), { name, now }),
    priorities: /_(?:at|id)$/.test(name) ? [] : [{ order: 10, cutTo: 12 }],
    piped: (row) => valueText(fieldOf(row, name)),
    order: (row) => valueText(fieldOf(row, name)) || undefined,
  }));
}

function shown(value: unknown, { name, now }: { name: string; now: Date }): string {
  const text = valueText(value);
  if (text === "") return dash;
  if (!name.endsWith("_at") || typeof value !== "string") return text;
  return name.startsWith("next_") ? relative(value, now) : ago(value, now);
}
