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

const values: Readonly<Record<SortKey, (row: TopRow) => Value>> = {
  status: ({ rank }) => rank,
  name: () => "",
  last: ({ automation }) => negated(timeOf(automation.last_run_at)),
  next: ({ automation }) => timeOf(automation.next_run_at),
  deployment: ({ deploymentName, deploymentId }) => deploymentName ?? deploymentId,
};

/** Equal ones by name, then by deployment, then by id, so that no row moves without a reason; what has no value comes last. */
export function sorted(rows: readonly TopRow[], key: SortKey): TopRow[] {
  return rows
    .map((row) => ({
      row,
      value: values[key](row),
      name: told(row.automation.name),
      place: values.deployment(row),
    }))
    .sort(
      (one, other) =>
        compare(one.value, other.value) ||
        compare(one.name, other.name) ||
        compare(one.place, other.place) ||
        compare(one.row.key, other.row.key),
    )
    .map(({ row }) => row);
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
