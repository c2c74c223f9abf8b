import { column } from "../columns.js";
import { printList } from "../print-list.js";
import type { Printer } from "../printer.js";

/** Prints names, each with a line about it, cut on a narrow terminal. `key`: the name's property, also in JSON. */
export async function printSummaries<T extends { summary: string } & Record<K, string>, K extends string>(
  printer: Printer,
  { items, key, json = (item) => item }: { items: readonly T[]; key: K; json?: (item: T) => object },
): Promise<void> {
  await printList<T>(printer, {
    items,
    columns: [
      column(key, (item) => item[key]),
      column("summary", (item) => item.summary, { steps: { 1: 8, 2: "hidden" } }),
    ],
    json,
    name: (item) => item[key],
    empty: "",
  });
}
