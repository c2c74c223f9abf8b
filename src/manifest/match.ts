import { isAutomationId } from "../fleet/refs.js";
import { schedulesEqual } from "../schedule/equal.js";
import type { Desired, DesiredItem } from "./desired.js";
import { groupBy } from "./group-by.js";
import type { ActualAutomation } from "./plan-item.js";

/**
 * Finds each item by its id, else by what the record has under its name, else by its name, else by its former name
 * (src/manifest/README.md). Where several items share a name, each is given the automation of that name that is most like it.
 */
export function match(
  desired: Desired,
  actual: readonly ActualAutomation[],
): Pick<Matcher, "found" | "removed" | "conflicts"> {
  const matcher = new Matcher(desired, actual);
  matcher.matchIds();
  matcher.matchRecorded();
  matcher.matchNames();
  matcher.matchFormerNames();
  matcher.findRemoved();
  return matcher;
}

/** Every automation that an item or an entry of `removed` may mean: what must be known whole before a plan is made. */
export function candidates(desired: Desired, actual: readonly ActualAutomation[]): ActualAutomation[] {
  const wanted = new Set(desired.removed.flatMap(({ ref, recordedIds = [] }) => [ref, ...recordedIds]));
  for (const { name, formerly, automationId, recordedIds = [], formerIds = [] } of desired.items) {
    for (const ref of [name, formerly, automationId, ...recordedIds, ...formerIds]) {
      if (ref !== undefined) wanted.add(ref);
    }
  }
  return actual.filter(({ automation_id, name }) => wanted.has(automation_id) || wanted.has(name));
}

class Matcher {
  /** Items that are missing here are not there yet. */
  readonly found = new Map<DesiredItem, ActualAutomation>();
  /** What `removed` names and is there. */
  readonly removed: ActualAutomation[] = [];
  /** What can't be told apart, by the item or the entry of `removed` that named it. */
  readonly conflicts: { name: string; error: string }[] = [];
  readonly #byId: ReadonlyMap<string, ActualAutomation>;
  readonly #byName: ReadonlyMap<string, ActualAutomation[]>;
  readonly #taken = new Set<ActualAutomation>();
  readonly #foundById = new Set<DesiredItem>();

  constructor(
    private readonly desired: Desired,
    actual: readonly ActualAutomation[],
  ) {
    this.#byId = new Map(actual.map((automation) => [automation.automation_id, automation]));
    this.#byName = groupBy(actual, nameOf);
  }

  matchIds(): void {
    for (const item of this.desired.items) {
      const automation = item.automationId === undefined ? undefined : this.#byId.get(item.automationId);
      if (automation === undefined) continue;
      this.#take(item, automation);
      this.#foundById.add(item);
    }
  }

  matchRecorded(): void {
    const left = this.desired.items.filter((item) => !this.found.has(item) && item.recordedIds !== undefined);
    for (const [name, items] of groupBy(left, nameOf)) {
      const there = this.#recorded(items[0]?.recordedIds);
      if (there.length > items.length) {
        this.#conflict(name, `the record has ${there.length} of this name: ${idsOf(there)}`);
      } else {
        for (const [item, automation] of pairByLikeness(items, there)) this.#take(item, automation);
      }
    }
  }

  matchNames(): void {
    const left = this.desired.items.filter((item) => !this.found.has(item) && !this.#isStopped(item));
    for (const [name, items] of groupBy(left, nameOf)) {
      const free = this.#free(name);
      if (free.length > items.length) {
        this.#conflict(name, `${free.length} automations have this name: ${idsOf(free)}`);
      } else {
        for (const [item, automation] of pairByLikeness(items, free)) this.#take(item, automation);
      }
    }
  }

  matchFormerNames(): void {
    for (const item of this.desired.items) {
      if (item.formerly === undefined || this.#foundById.has(item)) continue;
      const recorded = this.#recorded(item.formerIds);
      const free = recorded.length === 0 ? this.#free(item.formerly) : recorded;
      const [only] = free;
      const today = this.found.get(item);
      if (only === undefined || this.#isStopped(item)) continue;
      if (today !== undefined) {
        const error = `both names exist: "${item.name}" is ${today.automation_id}, "${item.formerly}" is ${idsOf(free)}`;
        this.#conflict(item.name, error);
      } else if (free.length > 1) {
        this.#conflict(item.name, `${free.length} automations have its former name: ${idsOf(free)}`);
      } else {
        this.#take(item, only);
      }
    }
  }

  findRemoved(): void {
    const removals = new Map(this.desired.removed.map(({ ref, recordedIds }) => [ref, recordedIds]));
    for (const [ref, recordedIds] of removals) {
      const byId = isAutomationId(ref) ? this.#byId.get(ref) : undefined;
      const recorded = this.#recorded(byId === undefined ? recordedIds : [ref]);
      const free = recorded.length === 0 && byId === undefined ? this.#free(ref) : recorded;
      if (free.length > 1) this.#conflict(ref, `${free.length} automations have this name: ${idsOf(free)}`);
      else this.removed.push(...free);
    }
  }

  #take(item: DesiredItem, automation: ActualAutomation): void {
    this.found.set(item, automation);
    this.#taken.add(automation);
  }

  #free(name: string): ActualAutomation[] {
    return (this.#byName.get(name) ?? []).filter((automation) => !this.#taken.has(automation));
  }

  /** Those of the record's ids that are there. */
  #recorded(ids: readonly string[] = []): ActualAutomation[] {
    return ids.flatMap((id) => this.#byId.get(id) ?? []).filter((each) => !this.#taken.has(each));
  }

  #isStopped({ name }: DesiredItem): boolean {
    return this.conflicts.some((conflict) => conflict.name === name);
  }

  #conflict(name: string, error: string): void {
    this.conflicts.push({ name, error });
  }
}

const nameOf = ({ name }: { name: string }) => name;

type Likeness = (item: DesiredItem, automation: ActualAutomation) => boolean;

const sameInstructions: Likeness = (item, automation) => item.instructions === automation.instructions;
const sameSchedule: Likeness = ({ schedule }, automation) =>
  schedulesEqual(schedule.ok ? schedule.cron : schedule.text, automation.schedule);
const sameEnabled: Likeness = (item, automation) => (item.enabled ?? true) === automation.enabled;

/** From the most alike to any. */
const likenesses: readonly Likeness[] = [
  (...pair) => sameInstructions(...pair) && sameSchedule(...pair) && sameEnabled(...pair),
  (...pair) => sameInstructions(...pair) && sameSchedule(...pair),
  sameInstructions,
  sameSchedule,
  () => true,
];

function pairByLikeness(
  items: readonly DesiredItem[],
  automations: readonly ActualAutomation[],
): Map<DesiredItem, ActualAutomation> {
  const [item] = items;
  const [automation] = automations;
  if (item === undefined || automation === undefined) return new Map();
  if (items.length === 1 && automations.length === 1) return new Map([[item, automation]]);
  const pairs = new Map<DesiredItem, ActualAutomation>();
  const free = new Set(automations.toSorted(byId));
  for (const isLike of likenesses) {
    for (const item of items) {
      const alike = pairs.has(item) ? undefined : [...free].find((automation) => isLike(item, automation));
      if (alike === undefined) continue;
      pairs.set(item, alike);
      free.delete(alike);
    }
  }
  return pairs;
}

function byId(one: ActualAutomation, other: ActualAutomation): number {
  return one.automation_id < other.automation_id ? -1 : 1;
}

function idsOf(automations: readonly ActualAutomation[]): string {
  return automations.map(({ automation_id }) => automation_id).join(", ");
}
