import { schedulesEqual } from "../schedule/equal.js";
import { readTimeZone } from "../schedule/time-zone.js";
import type { Desired, DesiredItem } from "./desired.js";
import { groupBy } from "./group-by.js";
import { type LookAlike, lookAlikeOf } from "./lookalikes.js";
import { candidates, match } from "./match.js";
import type { Mistake } from "./mistake.js";
import {
  type ActualAutomation,
  creation,
  deletion,
  keeping,
  leaving,
  type ManifestChanges,
  type PlanItem,
  stopAll,
  unreadable,
  wanted,
} from "./plan-item.js";
import { isSameSchedule, isSameText } from "./same.js";
import { findTwins, type Twins } from "./twins.js";

/** What a plan may do beside creating and updating what files name. */
export interface PlanOptions {
  /** Deletes what the manifest doesn't name. */
  prune?: boolean;
  /** With a record: whether it has an automation, which alone `prune` may delete then. */
  mayPrune?(automation: { automation_id: string }): boolean;
  /** Makes again what was deleted since it was recorded. */
  recreate?: boolean;
  /** Deletes what is there twice, but for the oldest. */
  removeTwins?: boolean;
  /** Items with `enabled: true` may be turned on again. */
  resumePaused?: boolean;
  /** `--match` and `--except`; what it lets not through is neither changed nor deleted. */
  includes?(automation: { automation_id: string; name: string }): boolean;
  /** What is known of why an automation is paused: `held by INC-42`. */
  whyPaused?(automation: ActualAutomation): string | undefined;
}

/**
 * Decides what has to change in one deployment (src/manifest/README.md); pure. `actual` holds every automation of the
 * deployment, those that `candidates` and `mayLookAlike` name with their instructions.
 */
export function plan(
  desired: Desired,
  actual: readonly ActualAutomation[],
  options: PlanOptions = {},
): PlanItem[] {
  return new Planner(desired, actual, options).plan();
}

class Planner {
  #byName?: ReadonlyMap<string, readonly ActualAutomation[]>;

  constructor(
    private readonly desired: Desired,
    private readonly actual: readonly ActualAutomation[],
    private readonly options: PlanOptions,
  ) {}

  plan(): PlanItem[] {
    const twins = this.#findTwins();
    const extra = new Set(twins.extra.map(({ automation }) => automation));
    const singles = this.actual.filter((automation) => !extra.has(automation));
    const { found, removed, ...matched } = match(this.desired, singles);
    const items = this.desired.items.filter((item) => this.#includes(item, found.get(item)));
    const untold = new Set(twins.conflicts.map(({ name }) => name));
    const others = matched.conflicts.filter(({ name }) => !untold.has(name));
    const conflicts = [...twins.conflicts, ...others].filter((each) => this.#includes(each, undefined));
    if (conflicts.length > 0) return stopAll(items, conflicts);
    const missing = items.filter((item) => !found.has(item) && this.#deletedSince(item) === undefined);
    const lookAlikes = this.#findLookAlikes(missing);
    for (const [item, automation] of this.#findRenamed(lookAlikes)) {
      found.set(item, automation);
      lookAlikes.delete(item);
    }
    const changes = items.map((item) => this.#planItem(item, found.get(item), lookAlikes.get(item)));
    const gone = removed.filter((automation) => this.#includes(automation, automation));
    const kept = new Set([...lookAlikes.values()].map(({ automation }) => automation));
    const named = new Set([...found.values(), ...removed, ...extra]);
    const unnamed = this.options.prune
      ? this.actual.filter((automation) => !named.has(automation) && this.#mayPrune(automation))
      : [];
    return [
      ...changes,
      ...gone.map((automation) => this.#planRemoval(automation)),
      ...twins.extra.map(({ automation, stays }) => ({ ...deletion(automation, `twin of ${stays}`), stays })),
      ...unnamed.map((automation) =>
        kept.has(automation) ? keeping(automation, "looks renamed") : deletion(automation, "prune"),
      ),
    ];
  }

  #findTwins(): Twins {
    if (this.options.removeTwins !== true) return { extra: [], conflicts: [] };
    const included = this.actual.filter((automation) => this.#includes(automation, automation));
    return findTwins(this.desired, included);
  }

  #includes({ name }: { name: string }, automation: ActualAutomation | undefined): boolean {
    return this.options.includes?.({ automation_id: automation?.automation_id ?? "", name }) ?? true;
  }

  #mayPrune(automation: ActualAutomation): boolean {
    return this.#includes(automation, automation) && (this.options.mayPrune?.(automation) ?? true);
  }

  /** The id under which the record has an item that isn't there any more. */
  #deletedSince({ recordedIds = [], formerIds = [] }: DesiredItem): string | undefined {
    return this.options.recreate === true ? undefined : (recordedIds[0] ?? formerIds[0]);
  }

  /** Of those what the record has: ours, and called otherwise before the files were taken back. */
  #findRenamed(lookAlikes: ReadonlyMap<DesiredItem, LookAlike>): Map<DesiredItem, ActualAutomation> {
    const ours = new Map<ActualAutomation, DesiredItem>();
    for (const [item, { automation, isHeld }] of lookAlikes) {
      const isOurs = !isHeld && this.options.mayPrune?.(automation) === true;
      if (isOurs && !ours.has(automation)) ours.set(automation, item);
    }
    return new Map([...ours].map(([automation, item]) => [item, automation]));
  }

  /** What items that aren't there would be made beside. */
  #findLookAlikes(items: readonly DesiredItem[]): Map<DesiredItem, LookAlike> {
    const named = new Set(candidates(this.desired, this.actual));
    const unnamed = this.actual.filter((automation) => !named.has(automation));
    const there = { actual: this.actual, unnamed, whyHeld: this.options.whyPaused };
    const lookAlikes = new Map<DesiredItem, LookAlike>();
    for (const item of items) {
      const same = lookAlikeOf(item, there);
      if (same !== undefined) lookAlikes.set(item, same);
    }
    return lookAlikes;
  }

  #planItem(
    item: DesiredItem,
    automation: ActualAutomation | undefined,
    lookAlike: LookAlike | undefined,
  ): PlanItem {
    const beside = this.#namedLike(item);
    if (automation === undefined) {
      const gone = this.#deletedSince(item);
      return gone === undefined
        ? { ...creation(item), beside, error: lookAlike?.error, alike: lookAlike?.alike }
        : leaving(item, gone);
    }
    const known = { ...wanted(item), automationId: automation.automation_id };
    const { changes, mistake } = this.#compare(item, automation);
    const kept = this.#whyKept(item, automation);
    if (Object.keys(changes).length === 0) {
      return { action: kept === undefined ? "unchanged" : "kept", ...known, reason: kept };
    }
    const held = changes.enabled?.to === true ? this.options.whyPaused?.(automation) : undefined;
    const reason = isMovedByDst(item, { automation, changes }) ? "dst" : (kept ?? held);
    return {
      action: changes.name === undefined ? "update" : "rename",
      ...known,
      changes,
      before: automation,
      reason,
      mistake,
      beside: changes.name === undefined ? undefined : beside,
      error: this.#whyNotCalledSo(item, automation),
    };
  }

  #namedLike({ name }: DesiredItem): string[] | undefined {
    this.#byName ??= groupBy(this.actual, (each) => each.name);
    return this.#byName.get(name)?.map(({ automation_id }) => automation_id);
  }

  /** One that was renamed by somebody else isn't given its name back where another has it by now. */
  #whyNotCalledSo(item: DesiredItem, automation: ActualAutomation): string | undefined {
    const { name, recordedIds = [] } = item;
    if (name === automation.name || !recordedIds.includes(automation.automation_id)) return undefined;
    const other = this.actual.find((each) => each.name === name && !recordedIds.includes(each.automation_id));
    return other && `it was renamed to "${automation.name}", and ${other.automation_id} has its name by now`;
  }

  #compare(item: DesiredItem, automation: ActualAutomation): { changes: ManifestChanges; mistake?: Mistake } {
    const { name, schedule, instructions, initial } = item;
    const changes: ManifestChanges = {};
    let mistake: Mistake | undefined;
    if (!initial.has("name") && name !== automation.name) changes.name = { from: automation.name, to: name };
    if (!initial.has("schedule") && !isSameSchedule(item, automation)) {
      changes.schedule = { from: automation.schedule, to: schedule.ok ? schedule.cron : schedule.text };
      mistake = unreadable(item);
    }
    if (!initial.has("instructions") && !isSameText(instructions, automation.instructions)) {
      changes.instructions = { from: automation.instructions ?? null, to: instructions };
    }
    const enabled = this.#wantedEnabled(item, automation);
    if (enabled !== automation.enabled) changes.enabled = { from: automation.enabled, to: enabled };
    return { changes, mistake };
  }

  #wantedEnabled({ enabled, initial }: DesiredItem, automation: ActualAutomation): boolean {
    if (initial.has("enabled")) return automation.enabled;
    if (enabled === false) return false;
    return enabled === true && this.options.resumePaused === true ? true : automation.enabled;
  }

  /** Why an automation that was found paused stays so, if it isn't the manifest that says so. */
  #whyKept(item: DesiredItem, automation: ActualAutomation): string | undefined {
    if (automation.enabled || item.enabled === false || item.initial.has("enabled")) return undefined;
    if (this.#wantedEnabled(item, automation)) return undefined;
    const why = this.options.whyPaused?.(automation);
    return why === undefined ? "paused" : `paused, ${why}`;
  }

  #planRemoval(automation: ActualAutomation): PlanItem {
    const { name, automation_id } = automation;
    const entry = this.desired.removed.find(
      ({ ref, recordedIds = [] }) =>
        ref === automation_id || ref === name || recordedIds.includes(automation_id),
    );
    return { ...deletion(automation, "removed"), place: entry?.place, template: entry?.template };
  }
}

/** Not of one that was set while the clocks went as they do now: it isn't what the file says because somebody changed one of the two. */
function isMovedByDst(
  { schedule }: DesiredItem,
  { automation, changes }: { automation: ActualAutomation; changes: ManifestChanges },
): boolean {
  if (!schedule.ok || changes.schedule === undefined || Object.keys(changes).length > 1) return false;
  const { otherCron, zone, offsetMinutes } = schedule;
  if (otherCron === undefined || !schedulesEqual(otherCron, automation.schedule)) return false;
  const setAt = new Date(automation.updated_at ?? "");
  const reading = zone === undefined ? undefined : readTimeZone(zone);
  if (Number.isNaN(setAt.getTime()) || reading?.ok !== true) return true;
  return reading.timeZone.offsetMinutesAt(setAt) !== offsetMinutes;
}
