import { isFinal } from "../../api/run-status.js";
import { msOf } from "../../api/schema.js";
import type { Automation } from "../../api/types.js";
import { itemKey } from "../../fleet/refs.js";
import type { IncidentOwner } from "../../incident/owners.js";
import { type FleetItem, soonestFirst } from "../../incident/pause-plan.js";
import { groupBy } from "../../manifest/group-by.js";
import type { SincePause } from "../../observe/unexpected.js";

const problems = ["waiting", "unexpected", "failing", "late"] as const;

export type Problem = (typeof problems)[number];

/** A problem that was found of an automation; one that waits may be unexpected as well. */
export interface Finding {
  problem: Problem;
  item: FleetItem;
  /** Start of its newest run, or when it was due; ms since 1970. */
  sinceMs: number | undefined;
}

type Holder = Pick<IncidentOwner, "incident">;

export interface FleetFacts {
  automations: number;
  enabled: number;
  paused: number;
  pausedBy: readonly ({ automations: number } & Holder)[];
  /** A lower bound, as the number that waits: an older run may be going or waiting too. */
  running: number;
  /** Number of paused automations of which it isn't known whether they ran. */
  mayHaveRun: number;
  /** Problems by the lists, those that seem late last, the surest first. */
  findings: readonly Finding[];
  dueNext: readonly FleetItem[];
}

/** Counts each automation by its worst problem; one that waits also as unexpected, where it is. Pure. */
export function fleetFacts(
  items: readonly FleetItem[],
  {
    holderOf,
    since,
    seemsDueMs,
    overdueBeforeMs,
  }: {
    holderOf(item: FleetItem): Holder | undefined;
    since: ReadonlyMap<string, SincePause>;
    seemsDueMs(automation: Automation): number | undefined;
    overdueBeforeMs: number;
  },
): FleetFacts {
  const paused = items.filter(({ automation }) => automation.enabled === false);
  const listed = items.flatMap((item): Finding[] => {
    const { last_run_status: status, last_run_at: ranAt } = item.automation;
    const [newest] = since.get(itemKey(item))?.unexpected ?? [];
    const found = (problem: Problem, at = ranAt) => ({ problem, item, sinceMs: msOf(at) });
    return [
      ...(status === "waiting_on_human" ? [found("waiting")] : []),
      ...(newest !== undefined ? [found("unexpected", newest.started_at ?? null)] : []),
      ...(newest === undefined && status === "error" ? [found("failing")] : []),
    ];
  });
  const withProblem = new Set(listed.map(({ item }) => item));
  const late = items.flatMap((item): Finding[] => {
    const sinceMs = withProblem.has(item) ? undefined : seemsDueMs(item.automation);
    return sinceMs === undefined ? [] : [{ problem: "late", item, sinceMs }];
  });
  const isGoing = ({ automation: { last_run_status: last } }: FleetItem) =>
    last && !isFinal(last) && last !== "waiting_on_human";
  return {
    automations: items.length,
    enabled: items.filter(({ automation }) => automation.enabled === true).length,
    paused: paused.length,
    pausedBy: countHolders(paused.flatMap((item) => holderOf(item) ?? [])),
    running: items.filter(isGoing).length,
    mayHaveRun: items.filter((item) => since.get(itemKey(item))?.doubt !== undefined).length,
    findings: [...listed, ...surestFirst(late, overdueBeforeMs)],
    dueNext: soonestFirst(
      items.filter(({ automation: { enabled, next_run_at } }) => {
        const isOverdue = Date.parse(next_run_at ?? "") < overdueBeforeMs;
        return enabled !== false && !isOverdue;
      }),
    ),
  };
}

function countHolders(holders: readonly Holder[]): FleetFacts["pausedBy"] {
  return [...groupBy(holders, ({ incident }) => incident)]
    .map(([incident, held]) => ({ incident, automations: held.length }))
    .sort((one, other) => other.automations - one.automations);
}

/**
 * Puts first what the server itself says should have run, then what has run before: of what never ran a list may not
 * show how old it is.
 */
function surestFirst(late: readonly Finding[], overdueBeforeMs: number): Finding[] {
  const doubt = ({ item: { automation } }: Finding) => {
    if (Date.parse(automation.next_run_at ?? "") < overdueBeforeMs) return 0;
    return automation.last_run_at ? 1 : 2;
  };
  return late.toSorted((one, other) => doubt(one) - doubt(other) || timeOf(one) - timeOf(other));
}

export function countOf({ findings }: Pick<FleetFacts, "findings">, problem: Problem): number {
  return findings.filter((each) => each.problem === problem).length;
}

export interface ProblemRow extends Omit<Finding, "item"> {
  /** The newest of `items`. */
  first: FleetItem;
  items: readonly FleetItem[];
}

/** Groups findings by problem and `keyOf`: the worst problem first, then the largest group, then the longest so. */
export function problemRows(findings: readonly Finding[], keyOf: (item: FleetItem) => string): ProblemRow[] {
  const groups = groupBy(findings, ({ problem, item }) => `${problem} ${keyOf(item)}`);
  const rows = [...groups.values()].flatMap((group): ProblemRow[] => {
    const [newest] = group.toSorted((one, other) => timeOf(other) - timeOf(one));
    if (newest === undefined) return [];
    const { problem, item: first, sinceMs } = newest;
    return [{ problem, first, items: group.map(({ item }) => item), sinceMs }];
  });
  return rows.sort(
    (one, other) =>
      problems.indexOf(one.problem) - problems.indexOf(other.problem) ||
      other.items.length - one.items.length ||
      timeOf(one) - timeOf(other),
  );
}

function timeOf({ sinceMs }: Pick<Finding, "sinceMs">): number {
  return sinceMs ?? Number.MAX_SAFE_INTEGER;
}
