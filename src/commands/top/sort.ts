import { told } from "../../output/value-text.js";
import type { TopRow } from "./row.js";

/** What `s` goes through; the first is what one begins with. */
export const sortKeys = ["status", "name", "last", "next", "deployment"] as const;

export type SortKey = (typeof sortKeys)[number];

/** How a sort is told. */
export const sortWords: Readonly<Record<SortKey, string>> = {
  status: "worst first",
  name: "by name",
  last: "newest run first",
  next: "next run first",
  deployment: "by deployment",
};

type Value = string | number | undefined;

/** What comes before the name; by name alone there is nothing. */
const values: Readonly<Record<SortKey, ((row: TopRow) => Value) | undefined>> = {
  status: ({ rank }) => rank,
  name: undefined,
  last: ({ automation }) => negated(timeOf(automation.last_run_at)),
  next: ({ automation }) => timeOf(automation.next_run_at),
  deployment: placeOf,
};

/** Of the rows of one reading, which are sorted once in each order, whatever is typed meanwhile. */
const ordersOf = new WeakMap<readonly TopRow[], Map<SortKey, readonly TopRow[]>>();

/** Equal ones by name, then by deployment, then by id, so that no row moves without a reason; what has no value comes last. */
export function sorted(rows: readonly TopRow[], key: SortKey): readonly TopRow[] {
  const orders = ordersOf.get(rows) ?? new Map<SortKey, readonly TopRow[]>();
  ordersOf.set(rows, orders);
  const value = values[key];
  const order =
    orders.get(key) ?? (value === undefined ? byName(rows) : byValue(sorted(rows, "name"), value));
  orders.set(key, order);
  return order;
}

function byName(rows: readonly TopRow[]): TopRow[] {
  return rows
    .map((row) => ({ row, name: told(row.automation.name), place: placeOf(row) }))
    .sort(
      (one, other) =>
        compare(one.name, other.name) ||
        compare(one.place, other.place) ||
        compare(one.row.key, other.row.key),
    )
    .map(({ row }) => row);
}

/** Equal ones stay as they are. */
function byValue(rows: readonly TopRow[], take: (row: TopRow) => Value): TopRow[] {
  return rows
    .map((row) => ({ row, value: take(row) }))
    .sort((one, other) => compare(one.value, other.value))
    .map(({ row }) => row);
}

function placeOf({ deploymentName, deploymentId }: TopRow): string {
  return deploymentName ?? deploymentId;
}

function compare(one: Value, other: Value): number {
  if (one === other) return 0;
  if (one === undefined) return 1;
  if (other === undefined) return -1;
  return one < other ? -1 : 1;
}

function timeOf(time: string | null | undefined): number | undefined {
  const ms = Date.parse(time ?? "");
  return Number.isNaN(ms) ? undefined : ms;
}

function negated(value: number | undefined): number | undefined {
  return value === undefined ? undefined : -value;
}
