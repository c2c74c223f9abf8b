import { msOf } from "../../api/schema.js";
import { textOrDash } from "../../output/value-text.js";
import { waitingRuns } from "../../runs/state.js";
import { type AutomationRow, stateOfRow } from "../automations/shared/automation-columns.js";

export interface TopRow extends AutomationRow {
  /** `dep_…/auto_…`, which identifies the row wherever it is. */
  key: string;
  search: string;
  name: string;
  deployment: string;
  lastMs: number | undefined;
  nextMs: number | undefined;
  /** Indices into `ranks`, worst first: for its state and, if a run is active, for `running`. */
  states: readonly number[];
  rank: number;
  isStale: boolean;
}

/** Worst first; states that aren't in this list come last. */
const ranks = [
  "waiting",
  "unexpected",
  "failing",
  "not listed",
  "overdue",
  "running",
  "enabled",
  "paused",
] as const;
const firstOfOthers = ranks.indexOf("not listed");

export function topRow(row: AutomationRow, { isStale }: { isStale: boolean }): TopRow {
  const { automation, deployment_id, deployment_name, held } = row;
  const states = statesOf(row);
  const words = states.map((state) => ranks[state]);
  const name = textOrDash(automation.name);
  const texts = [name, automation.automation_id, deployment_name, deployment_id, ...words];
  return {
    ...row,
    key: rowKey(row),
    name,
    deployment: deployment_name ?? deployment_id,
    lastMs: msOf(automation.last_run_at),
    nextMs: msOf(automation.next_run_at),
    search: [...texts, ...(held ? [held.text] : [])].join("\n").toLowerCase(),
    states,
    rank: states[0] ?? ranks.length,
    isStale,
  };
}

export function isWaitingRow({ automation, runs }: TopRow): boolean {
  return waitingRuns(automation, runs) > 0;
}

export function hasRunProblem({ rank }: TopRow): boolean {
  return rank < firstOfOthers;
}

function rowKey({ deployment_id, automation }: AutomationRow): string {
  return `${deployment_id}/${automation.automation_id}`;
}

/** Makes a row from a new read; returns the earlier object if nothing changed, to avoid repeated work. */
export function freshRow(row: AutomationRow, known: ReadonlyMap<string, TopRow>): TopRow {
  const before = known.get(rowKey(row));
  // The automation comes from an earlier GET, which isn't due again yet.
  if (before?.automation === row.automation) return asStale(before);
  return before !== undefined && !before.isStale && isSameRow(before, row)
    ? before
    : topRow(row, { isStale: false });
}

export function asStale(row: TopRow): TopRow {
  return row.isStale ? row : { ...row, isStale: true };
}

/** Marks an earlier row that is now missing from a list. */
export function asNotListed(row: TopRow): TopRow {
  return row.isNotListed ? row : topRow({ ...row, isNotListed: true }, { isStale: true });
}

/** Compares one level deep; arrays and objects always count as different. */
function isSameRow(one: AutomationRow, other: AutomationRow): boolean {
  const [these, those] = [factsOf(one), factsOf(other)];
  return these.length === those.length && these.every((fact, at) => fact === those[at]);
}

function factsOf({ deployment_name, held, failures, automation }: AutomationRow): unknown[] {
  return [
    deployment_name,
    held?.text,
    failures?.inARow,
    ...Object.keys(automation),
    ...Object.values(automation),
  ];
}

function statesOf(row: AutomationRow): number[] {
  if (row.isNotListed) return [ranks.indexOf("not listed")];
  const state = stateOfRow(row);
  const isRunning = row.automation.last_run_status === "running";
  return ranks.flatMap((rank, at) => (rank === state || (rank === "running" && isRunning) ? [at] : []));
}

type StateCounts = readonly { state: (typeof ranks)[number]; count: number }[];

const countsOf = new WeakMap<readonly TopRow[], StateCounts>();

/** Counts the rows in each state, worst first, without zeros, once for each read. A row may count in several states. */
export function countStates(rows: readonly TopRow[]): StateCounts {
  const known = countsOf.get(rows);
  if (known !== undefined) return known;
  const numbers = ranks.map(() => 0);
  for (const row of rows) for (const state of row.states) numbers[state] = (numbers[state] ?? 0) + 1;
  const counts = ranks
    .map((state, at) => ({ state, count: numbers[at] ?? 0 }))
    .filter(({ count }) => count > 0);
  countsOf.set(rows, counts);
  return counts;
}

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

/** Sorts rows, equal ones by name, deployment and id, so that they don't move needlessly. `before`: the last order. */
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
  // Sorting rows that are almost in order is nearly free.
  return [...stay, ...rows.filter((row) => !known.has(row))].sort(order);
}

function compare(one: Value, other: Value): number {
  if (one === other) return 0;
  if (one === undefined) return 1;
  if (other === undefined) return -1;
  return one < other ? -1 : 1;
}
