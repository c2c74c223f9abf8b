import { msOf } from "../../api/door.js";
import { isFinal } from "../../api/run-status.js";
import type { Automation } from "../../api/types.js";
import { itemKey } from "../../fleet/refs.js";
import type { Claim } from "../../incident/claims.js";
import { type FleetItem, soonestFirst } from "../../incident/pause-plan.js";
import { groupBy } from "../../manifest/group-by.js";
import type { SincePause } from "../../observe/unexpected.js";

export type Problem = "waiting" | "unexpected" | "failing" | "late";

export interface MaybeLate {
  item: FleetItem;
  /** Milliseconds since 1970. */
  dueMs: number;
}

type Holder = Pick<Claim, "incident">;

export interface FleetFacts {
  automations: number;
  enabled: number;
  paused: number;
  pausedBy: readonly ({ automations: number } & Holder)[];
  /** Lower bounds: an older run may be going or waiting too. */
  running: number;
  waiting: readonly FleetItem[];
  unexpected: readonly Troubled[];
  /** Number of paused automations of which it isn't known whether they ran. */
  mayHaveRun: number;
  failing: readonly FleetItem[];
  maybeLate: readonly MaybeLate[];
  dueNext: readonly FleetItem[];
}

export interface FactsOptions {
  holderOf(item: FleetItem): Holder | undefined;
  since: ReadonlyMap<string, SincePause>;
  seemsDueMs(automation: Automation): number | undefined;
  overdueBeforeMs: number;
}

/** Counts each automation by its worst problem; one that waits also as unexpected, where it is. Pure. */
export function fleetFacts(
  items: readonly FleetItem[],
  { holderOf, since, seemsDueMs, overdueBeforeMs }: FactsOptions,
): FleetFacts {
  const paused = items.filter(({ automation }) => automation.enabled === false);
  const waiting = items.filter(({ automation }) => automation.last_run_status === "waiting_on_human");
  const unexpected = items.flatMap((item): Troubled[] => {
    const [newest] = since.get(itemKey(item))?.unexpected ?? [];
    return newest === undefined ? [] : [{ item, sinceMs: msOf(newest.started_at) }];
  });
  const ran = new Set(unexpected.map(({ item }) => item));
  const failing = items.filter((item) => item.automation.last_run_status === "error" && !ran.has(item));
  const isGoing = ({ automation: { last_run_status: last } }: FleetItem) =>
    last && !isFinal(last) && last !== "waiting_on_human";
  const troubled = new Set([...waiting, ...failing]);
  const maybeLate = items
    .filter((item) => !troubled.has(item))
    .flatMap((item): MaybeLate[] => {
      const dueMs = seemsDueMs(item.automation);
      return dueMs === undefined ? [] : [{ item, dueMs }];
    });
  return {
    automations: items.length,
    enabled: items.filter(({ automation }) => automation.enabled === true).length,
    paused: paused.length,
    pausedBy: countHolders(paused.flatMap((item) => holderOf(item) ?? [])),
    running: items.filter(isGoing).length,
    waiting,
    unexpected,
    mayHaveRun: items.filter((item) => since.get(itemKey(item))?.doubt !== undefined).length,
    failing,
    maybeLate: surestFirst(maybeLate, overdueBeforeMs),
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
function surestFirst(maybeLate: readonly MaybeLate[], overdueBeforeMs: number): MaybeLate[] {
  const doubt = ({ item: { automation } }: MaybeLate) => {
    if (Date.parse(automation.next_run_at ?? "") < overdueBeforeMs) return 0;
    return automation.last_run_at ? 1 : 2;
  };
  return maybeLate.toSorted((one, other) => doubt(one) - doubt(other) || one.dueMs - other.dueMs);
}

export interface ProblemRow {
  problem: Problem;
  first: FleetItem;
  items: readonly FleetItem[];
  /** Start of its newest run, or when it was due; ms since 1970. */
  sinceMs: number | undefined;
}

export interface Troubled {
  item: FleetItem;
  sinceMs: number | undefined;
}

/** Groups automations by `keyOf`; the largest group first, then the longest so. `first` is the newest. */
export function problemRows(
  problem: Problem,
  troubled: readonly Troubled[],
  keyOf: (item: FleetItem) => string,
): ProblemRow[] {
  const rows = [...groupBy(troubled, ({ item }) => keyOf(item)).values()].flatMap((group): ProblemRow[] => {
    const [newest] = group.toSorted((one, other) => timeOf(other) - timeOf(one));
    if (newest === undefined) return [];
    const { item: first, sinceMs } = newest;
    return [{ problem, first, items: group.map(({ item }) => item), sinceMs }];
  });
  return rows.sort((one, other) => other.items.length - one.items.length || timeOf(one) - timeOf(other));
}

function timeOf({ sinceMs }: { sinceMs: number | undefined }): number {
  return sinceMs ?? Number.MAX_SAFE_INTEGER;
}

export function sinceLastRun(item: FleetItem): Troubled {
  return { item, sinceMs: msOf(item.automation.last_run_at) };
}
