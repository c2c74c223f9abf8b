import { groupBy } from "../group-by.js";
import {
  keyOf,
  keyOfName,
  nameInKey,
  type RecordEntry,
  type RecordKey,
} from "../record/automation-record.js";
import type { DesiredItem, DesiredItems } from "../state/desired-items.js";
import { isSameSchedule, isSameText } from "./equality.js";
import type { ActualAutomation, Conflict } from "./plan-item.js";

/**
 * Finds each item by its key in the record; otherwise by its former name, then its name, as a key that no other item
 * has; otherwise by name (src/manifest/README.md). With a record, automations found by name alone aren't ours, unless
 * they are to be adopted.
 */
export function match(
  desired: DesiredItems,
  actual: readonly ActualAutomation[],
  unknown: Pick<ReadonlySet<string>, "has"> = new Set(),
): Matcher {
  const matcher = new Matcher(desired, actual, unknown);
  matcher.matchRecorded();
  matcher.matchNames();
  matcher.matchFormerNames();
  matcher.findRemoved();
  return matcher;
}

/** Lists each automation that an item or an entry in `removed` may mean, because a plan needs all of its fields. */
export function candidates(desired: DesiredItems, actual: readonly ActualAutomation[]): ActualAutomation[] {
  const names = new Set([
    ...desired.items.flatMap(({ name, formerly }) => [name, formerly]),
    ...desired.removed.map(({ ref }) => ref),
  ]);
  const keys = new Set([
    ...desired.items.map(({ id }) => id),
    ...[...names].map((name) => keyOfName(name ?? "")),
  ]);
  const recorded = recordedOf(desired).filter(({ key }) => keys.has(key));
  const ids = new Set([
    ...desired.removed.map(({ ref }) => ref),
    ...recorded.map(({ automation_id }) => automation_id),
  ]);
  return actual.filter(({ automation_id, name }) => ids.has(automation_id) || names.has(name));
}

const recordedOf = ({ recorded }: DesiredItems) => recorded?.entries ?? [];

/** Matches automations with items, and with entries of `removed`. */
export class Matcher {
  readonly found = new Map<DesiredItem, ActualAutomation>();
  /** Ids of automations in the record but not in the deployment. */
  readonly gone = new Map<DesiredItem, string>();
  /** Lines for automations whose existence is unknown. */
  readonly unknown = new Map<DesiredItem, RecordEntry>();
  readonly removedUnknown: RecordEntry[] = [];
  readonly foreign = new Map<DesiredItem, ActualAutomation>();
  readonly removed: ActualAutomation[] = [];
  readonly foreignRemoved: ActualAutomation[] = [];
  readonly conflicts: Conflict[] = [];
  readonly #byId: ReadonlyMap<string, ActualAutomation>;
  readonly #byName: ReadonlyMap<string, ActualAutomation[]>;
  readonly #lines: ReadonlyMap<RecordKey, RecordEntry>;
  readonly #recordedIds: ReadonlySet<string> | undefined;
  readonly #taken = new Set<string>();

  constructor(
    private readonly desired: DesiredItems,
    private readonly actual: readonly ActualAutomation[],
    private readonly unknownIds: Pick<ReadonlySet<string>, "has">,
  ) {
    this.#byId = new Map(actual.map((automation) => [automation.automation_id, automation]));
    this.#byName = groupBy(actual, nameOf);
    const { recorded } = desired;
    const isThere = ({ automation_id }: RecordEntry) => this.#byId.has(automation_id);
    const entries = recordedOf(desired);
    const rank = (entry: RecordEntry) => (isThere(entry) ? 2 : Number(this.#isUnknown(entry)));
    // If two lines share a key, the line of an existing automation counts first, then that of one that may exist.
    this.#lines = new Map(
      entries.toSorted((one, other) => rank(one) - rank(other)).map((each) => [each.key, each]),
    );
    this.#recordedIds = recorded && !recorded.isAdopting ? new Set(entries.map(idOf)) : undefined;
    this.#checkLines(entries.filter(isThere));
  }

  get unnamed(): ActualAutomation[] {
    const isOurs = ({ automation_id: id }: ActualAutomation) =>
      this.#recordedIds?.has(id) === true && !this.#taken.has(id);
    return this.actual.filter(isOurs);
  }

  /** Automations that no item means, with the name of a recorded automation that no longer exists. */
  get unnamedForeign(): ActualAutomation[] {
    const named = new Set(this.desired.items.map(keyOf));
    const meant = new Set(this.foreign.values());
    const isGone = (entry: RecordEntry) => !this.#byId.has(entry.automation_id) && !this.#isUnknown(entry);
    const lines = [...this.#lines.values()].filter((entry) => isGone(entry) && !named.has(entry.key));
    return lines
      .flatMap(({ key }) => this.#free(nameInKey(key)))
      .filter((each) => !this.#isOurs(each) && !meant.has(each));
  }

  /** Lines for unknown automations that neither an item nor `removed` means. */
  get unnamedUnknown(): RecordEntry[] {
    const meant = new Set([...this.unknown.values(), ...this.removedUnknown]);
    return recordedOf(this.desired).filter((entry) => this.#isUnknown(entry) && !meant.has(entry));
  }

  matchRecorded(): void {
    const keys = new Set(this.desired.items.map(keyOf));
    const unowned = (name: string | undefined) => {
      const key = name === undefined ? undefined : keyOfName(name);
      return key === undefined || keys.has(key) ? undefined : this.#lines.get(key);
    };
    for (const item of this.desired.items) {
      const line = this.#lines.get(keyOf(item)) ?? unowned(item.formerly) ?? unowned(item.name);
      if (line === undefined) continue;
      const automation = this.#byId.get(line.automation_id);
      if (this.#isUnknown(line)) this.unknown.set(item, line);
      else if (automation === undefined) this.gone.set(item, line.automation_id);
      else if (this.#taken.has(line.automation_id))
        this.#conflict(item.name, `another item also matches ${line.automation_id}`);
      else this.#take(item, automation);
    }
  }

  matchNames(): void {
    const left = this.desired.items.filter((item) => !this.found.has(item) && !this.unknown.has(item));
    for (const [name, items] of groupBy(left, nameOf)) {
      const free = this.#free(name);
      const ours = free.filter((automation) => this.#isOurs(automation));
      const [foreign] = free;
      if (ours.length === 0 && foreign !== undefined)
        for (const item of items) this.foreign.set(item, foreign);
      else if (ours.length > items.length) {
        this.#conflictOfName(name, ours);
      } else {
        for (const [item, automation] of pairByLikeness(items, ours)) this.#take(item, automation);
      }
    }
  }

  matchFormerNames(): void {
    for (const item of this.desired.items) {
      const { formerly } = item;
      const isStopped = this.conflicts.some(({ name }) => name === item.name);
      const isKnown = this.gone.has(item) || this.unknown.has(item) || this.foreign.has(item);
      if (formerly === undefined || isKnown || isStopped) continue;
      const free = this.#free(formerly);
      const [only] = free;
      const today = this.found.get(item);
      if (only === undefined) continue;
      if (!this.#isOurs(only)) {
        if (today === undefined) this.foreign.set(item, only);
      } else if (today !== undefined) {
        const error = `both names exist: "${item.name}" is ${today.automation_id}, "${formerly}" is ${idsOf(free)}`;
        if (this.#recordedIds === undefined) this.#conflict(item.name, error);
      } else if (free.length > 1) {
        this.#conflict(item.name, `${free.length} automations have its former name: ${idsOf(free)}`);
      } else {
        this.#take(item, only);
      }
    }
  }

  findRemoved(): void {
    for (const ref of new Set(this.desired.removed.map((each) => each.ref))) {
      const lineOfId = recordedOf(this.desired).find(({ automation_id }) => automation_id === ref);
      const line = this.#lines.get(keyOfName(ref)) ?? this.#lines.get(ref) ?? lineOfId;
      if (line !== undefined && this.#isUnknown(line)) {
        this.removedUnknown.push(line);
        continue;
      }
      const id = line?.automation_id ?? ref;
      const byId = this.#byId.get(id);
      const free =
        byId === undefined ? this.#free(ref) : [byId].filter((each) => !this.#taken.has(idOfActual(each)));
      const ours = free.filter((automation) => this.#isOurs(automation));
      if (ours.length > 1) this.#conflictOfName(ref, ours);
      else if (ours.length === 0) this.foreignRemoved.push(...free);
      for (const automation of ours) this.#taken.add(automation.automation_id);
      this.removed.push(...ours);
    }
  }

  /** Finds contradictory lines, left by a union merge. */
  #checkLines(entries: readonly RecordEntry[]): void {
    const pairs = [...groupBy(entries, ({ key }) => key).values(), ...groupBy(entries, idOf).values()];
    for (const [first, second] of pairs) {
      if (first === undefined || second === undefined) continue;
      const what =
        first.key === second.key
          ? `${first.key} for two automations (${first.automation_id}, ${second.automation_id})`
          : `${first.automation_id} as ${first.key} and as ${second.key}`;
      const item = this.desired.items.find((each) => keyOf(each) === first.key);
      this.#conflict(item?.name ?? first.key, `the record has ${what}: delete one of the two lines`);
    }
  }

  #isUnknown({ automation_id }: RecordEntry): boolean {
    return this.unknownIds.has(automation_id);
  }

  #take(item: DesiredItem, automation: ActualAutomation): void {
    this.found.set(item, automation);
    this.#taken.add(automation.automation_id);
  }

  #free(name: string): ActualAutomation[] {
    return (this.#byName.get(name) ?? []).filter(({ automation_id }) => !this.#taken.has(automation_id));
  }

  #isOurs({ automation_id }: ActualAutomation): boolean {
    return this.#recordedIds?.has(automation_id) ?? true;
  }

  #conflictOfName(name: string, automations: readonly ActualAutomation[]): void {
    this.#conflict(name, `${automations.length} automations have this name: ${idsOf(automations)}`);
  }

  #conflict(name: string, error: string): void {
    this.conflicts.push({ name, error });
  }
}

/** Pairs items and automations that share a name, most similar first: fields count by their weight. */
function pairByLikeness(
  items: readonly DesiredItem[],
  automations: readonly ActualAutomation[],
): Map<DesiredItem, ActualAutomation> {
  const inIdOrder = automations.toSorted((one, other) => (one.automation_id < other.automation_id ? -1 : 1));
  const pairs = items
    .flatMap((item) =>
      inIdOrder.map((automation) => ({ item, automation, weight: likeness(item, automation) })),
    )
    .toSorted((one, other) => other.weight - one.weight);
  const found = new Map<DesiredItem, ActualAutomation>();
  const taken = new Set<ActualAutomation>();
  for (const { item, automation } of pairs) {
    if (found.has(item) || taken.has(automation)) continue;
    found.set(item, automation);
    taken.add(automation);
  }
  return found;
}

function likeness(item: DesiredItem, automation: ActualAutomation): number {
  const isSameEnabled = (item.enabled ?? true) === automation.enabled;
  return (
    (isSameText(item.instructions, automation.instructions) ? 4 : 0) +
    (isSameSchedule(item, automation) ? 2 : 0) +
    (isSameEnabled ? 1 : 0)
  );
}

const nameOf = ({ name }: { name: string }) => name;
const idOf = ({ automation_id }: RecordEntry) => automation_id;
const idOfActual = ({ automation_id }: ActualAutomation) => automation_id;

function idsOf(automations: readonly ActualAutomation[]): string {
  return automations.map(({ automation_id }) => automation_id).join(", ");
}
