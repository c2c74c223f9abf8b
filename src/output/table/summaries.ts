import { printList } from "../list.js";
import type { Printer } from "../printer.js";

/** Prints names and a line about each, which is cut on a narrow terminal. `key` is the name's, in JSON too. */
export async function printSummaries<T extends { summary: string } & Record<K, string>, K extends string>(
  printer: Printer,
  { items, key, json = (item) => item }: { items: readonly T[]; key: K; json?: (item: T) => object },
): Promise<void> {
  await printList(printer, {
    items,
    columns: [
      { key, title: key.toUpperCase(), cell: (item) => item[key] },
      {
        key: "summary",
        title: "SUMMARY",
        cell: (item) => item.summary,
        priorities: [
          { order: 1, cutTo: 8 },
          { order: 2, isHidden: true },
        ],
      },
    ],
    json,
    name: (item) => item[key],
    empty: "",
  });
}
