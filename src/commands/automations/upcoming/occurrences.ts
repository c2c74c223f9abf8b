import { itemKey } from "../../../fleet/refs.js";
import { groupBy } from "../../../manifest/group-by.js";
import type { AutomationRow } from "../shared/automation-columns.js";

export interface Occurrence extends AutomationRow {
  at: Date;
  isEstimated: boolean;
  /** Number of further runs in the window that the row stands for. */
  more?: number;
  deployments?: number;
}

/**
 * Merges sources by time, reading each one ahead only: a fleet that runs every minute needs no list of all its times.
 */
export function* mergeTimes(sources: readonly Iterator<Occurrence>[], until: Date): Generator<Occurrence> {
  const heads = sources.flatMap((source, order) => headOf(source, order, until)).sort(byTime);
  for (let head = heads.shift(); head !== undefined; head = heads.shift()) {
    yield head.occurrence;
    const [next] = headOf(head.source, head.order, until);
    if (next !== undefined) heads.splice(indexFor(next, heads), 0, next);
  }
}

interface Head {
  occurrence: Occurrence;
  source: Iterator<Occurrence>;
  order: number;
}

function headOf(source: Iterator<Occurrence>, order: number, until: Date): Head[] {
  const next = source.next();
  return next.done === true || next.value.at > until ? [] : [{ occurrence: next.value, source, order }];
}

function byTime(one: Head, other: Head): number {
  return one.occurrence.at.getTime() - other.occurrence.at.getTime() || one.order - other.order;
}

function indexFor(head: Head, heads: readonly Head[]): number {
  let low = 0;
  let high = heads.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = heads[middle];
    if (other !== undefined && byTime(other, head) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Yields the server's next time, then ours after `now`; a next time that is past is overdue. */
export function* timesOf(
  base: AutomationRow,
  { nextTimes, now }: { nextTimes: ((from: Date, count: number) => Date[]) | undefined; now: Date },
): Generator<Occurrence> {
  if (!base.automation.next_run_at) return;
  const next = new Date(base.automation.next_run_at);
  yield { ...base, at: next, isEstimated: false };
  let last = next < now ? now : next;
  while (nextTimes !== undefined) {
    const times = nextTimes(last, 32);
    for (const at of times) yield { ...base, at, isEstimated: true };
    const [final] = times.slice(-1);
    if (final === undefined) return;
    last = final;
  }
}

/** Shows an automation that runs more than `mostShown` times once, with how many more there are. */
export function groupFrequent(occurrences: Iterable<Occurrence>, mostShown: number): Occurrence[] {
  const all = [...occurrences];
  const groups = groupBy(all, occurrenceKey);
  return all.flatMap((occurrence) => {
    const group = groups.get(occurrenceKey(occurrence)) ?? [];
    if (group.length <= mostShown) return occurrence;
    return occurrence === group[0] ? { ...occurrence, more: group.length - 1 } : [];
  });
}

export function occurrenceKey({ deployment_id, automation }: Occurrence): string {
  return itemKey({ deployment_id, automation_id: automation.automation_id });
}

/** Groups what one name does at one time in several deployments. */
export function groupOccurrences(occurrences: readonly Occurrence[]): Occurrence[] {
  const groups = groupBy(occurrences, ({ at, automation, isEstimated, more }) =>
    JSON.stringify([at, automation.name, isEstimated, more]),
  );
  return [...groups.values()].flatMap((group) => {
    const deployments = new Set(group.map(({ deployment_id }) => deployment_id)).size;
    return deployments === 1 ? group : group.slice(0, 1).map((first) => ({ ...first, deployments }));
  });
}
