import { msOf } from "../../api/door.js";
import { isFinal } from "../../api/run-status.js";
import type { Automation } from "../../api/types.js";
import { itemKey } from "../../fleet/refs.js";
import type { Claim } from "../../incident/claims.js";
import { type FleetItem, soonestFirst } from "../../incident/pause-plan.js";
import { groupBy } from "../../manifest/group-by.js";
import type { SincePause } from "../../observe/unexpected.js";

/** Why an automation needs a look, the worst first. */
export type Problem = "waiting" | "unexpected" | "failing" | "late";

/** An automation that seems late by how it was listed. */
export interface MaybeLate {
  item: FleetItem;
  /** When it was due; ms since 1970. */
  dueMs: number;
}

/** An open incident. */
type Holder = Pick<Claim, "incident">;

/** What the lists of the deployments tell, before any automation was read by itself. */
export interface FleetFacts {
  automations: number;
  enabled: number;
  paused: number;
  /** How many paused ones an open incident holds, the most first. */
  pausedBy: readonly ({ automations: number } & Holder)[];
  /** Whose newest run is going: there may be more, since an older run may be going too. */
  running: number;
  /** Whose newest run waits for a human: there may be more. */
  waiting: readonly FleetItem[];
  /** What ran although it was paused, and when it did last. */
  unexpected: readonly Troubled[];
  /** Of how many more that isn't known. */
  mayHaveRun: number;
  /** Whose newest run failed, and is expected. */
  failing: readonly FleetItem[];
  /** What else seems late: the surest first. */
  maybeLate: readonly MaybeLate[];
  /** What isn't paused and not overdue, soonest first. */
  dueNext: readonly FleetItem[];
}

export interface FactsOptions {
  /** The open incident that holds a paused automation. */
  holderOf(item: FleetItem): Holder | undefined;
  /** What ran of what is paused, by `<deployment>/<automation>`. */
  since: ReadonlyMap<string, SincePause>;
  /** When one that seems late was due. */
  seemsDueMs(automation: Automation): number | undefined;
  /** What should have fired before that isn't about to fire any more. */
  overdueBeforeMs: number;
}

/** Each automation that needs a look counts once, by the worst that is known of it; one that waits also as unexpected, where it is. Pure. */
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

/** What the server itself says should have fired; then what has run before, since of what never ran a list may not tell how old it is; of equal ones the latest. */
function surestFirst(maybeLate: readonly MaybeLate[], overdueBeforeMs: number): MaybeLate[] {
  const doubt = ({ item: { automation } }: MaybeLate) => {
    if (Date.parse(automation.next_run_at ?? "") < overdueBeforeMs) return 0;
    return automation.last_run_at ? 1 : 2;
  };
  return maybeLate.toSorted((one, other) => doubt(one) - doubt(other) || one.dueMs - other.dueMs);
}

/** Automations that are one line: of one name and one trouble, over several deployments. */
export interface ProblemRow {
  problem: Problem;
  /** The one that is told of; the others have its name. */
  first: FleetItem;
  items: readonly FleetItem[];
  /** When its newest run started, or when it was due; ms since 1970. */
  sinceMs: number | undefined;
}

export interface Troubled {
  item: FleetItem;
  sinceMs: number | undefined;
}

/**
 * Rows of one trouble. `keyOf`: what has the same is one line. What most automations have comes first, equally many by
 * how long it has been so; of a line the newest is told.
 */
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

/** An automation with the start of its newest run. */
export function sinceLastRun(item: FleetItem): Troubled {
  return { item, sinceMs: msOf(item.automation.last_run_at) };
}
