import type { TopRow } from "./top-row.js";

export const sortKeys = ["status", "name", "last", "next", "deployment"] as const;

export type SortKey = (typeof sortKeys)[number];

export const sortWords: Readonly<Record<SortKey, string>> = {
  status: "worst first",
  name: "by name",
  last: "newest run first",
  next: "next run first",
  deployment: "by deployment",
};

type Value = string | number | undefined;

const values: Readonly<Record<SortKey, (row: TopRow) => Value>> = {
  status: ({ rank }) => rank,
  name: () => undefined,
  last: ({ lastMs }) => (lastMs === undefined ? undefined : -lastMs),
  next: ({ nextMs }) => nextMs,
  deployment: ({ deployment }) => deployment,
};

/** Sorts equal rows by name, deployment and id, so that none moves without a reason. `before`: as sorted last. */
export function sortedRows(
  rows: readonly TopRow[],
  key: SortKey,
  before: readonly TopRow[] = [],
): readonly TopRow[] {
  const value = values[key];
  const order = (one: TopRow, other: TopRow) =>
    compare(value(one), value(other)) ||
    compare(one.name, other.name) ||
    compare(one.deployment, other.deployment) ||
    compare(one.key, other.key);
  const [known, all] = [new Set(before), new Set(rows)];
  const stay = before.filter((row) => all.has(row));
  // What is in order already costs the sort a look.
  return [...stay, ...rows.filter((row) => !known.has(row))].sort(order);
}

function compare(one: Value, other: Value): number {
  if (one === other) return 0;
  if (one === undefined) return 1;
  if (other === undefined) return -1;
  return one < other ? -1 : 1;
}
