/** Plans the changes that a deployment needs, item by item. */

import { keyOfName, nameInKey, type RecordEntry } from "../record/automation-record.js";
import type { DesiredItem, DesiredItems } from "../state/desired-items.js";
import { isDuplicate, isMovedByDst, isSameSchedule, isSameText, whyHeld } from "./equality.js";
import { type Matcher, match } from "./match.js";
import {
  type ActualAutomation,
  type Conflict,
  creation,
  deletedSince,
  deletion,
  forNobody,
  itemFacts,
  leavingReason,
  type ManifestChanges,
  notDeletedInitial,
  notInRecord,
  notSent,
  type PlanItem,
  skippedItem,
  stopAll,
  unknownItem,
} from "./plan-item.js";

export interface PlanOptions {
  prune?: boolean;
  recreate?: boolean;
  deletePaused?: boolean;
  /** Enables items with `enabled: true` again. */
  resumePaused?: boolean;
  /** `--match` and `--except`; automations that they exclude are neither changed nor deleted. */
  includes?(automation: { automation_id: string; name: string }): boolean;
  /** Recorded automations whose existence is unknown, with the error of the read. */
  unknown?: ReadonlyMap<string, unknown> | undefined;
  /** Recorded ids whose item isn't for any existing deployment; they are kept. */
  forNobody?: ReadonlySet<string>;
  /** Returns the reason why an automation is paused, if known: `held by INC-42`. */
  whyPaused?(automation: ActualAutomation): string | undefined;
}

/**
 * Decides the changes to one deployment (src/manifest/README.md); pure. `actual` contains all of its automations,
 * with instructions if `candidates` lists them or an incident holds them.
 */
export function plan(
  desired: DesiredItems,
  actual: readonly ActualAutomation[],
  options: PlanOptions = {},
): PlanItem[] {
  return new Planner(desired, actual, options).plan();
}

class Planner {
  constructor(
    private readonly desired: DesiredItems,
    private readonly actual: readonly ActualAutomation[],
    private readonly options: PlanOptions,
  ) {}

  plan(): PlanItem[] {
    const matched = match(this.desired, this.actual, this.options.unknown);
    const { found, unknown } = matched;
    const items = this.desired.items.filter((item) =>
      this.#includes(item, found.get(item) ?? unknown.get(item)),
    );
    const conflicts = matched.conflicts.filter((each) => this.#includes(each, undefined));
    if (conflicts.length > 0) return stopAll(items, conflicts);
    const changes = items.map((item) => this.#planItem(item, matched));
    const unnamed = matched.unnamed.filter((automation) => this.#includes(automation, automation));
    const stopped = whyStopped(
      unnamed.flatMap((automation) => this.#paused(automation)),
      changes,
    );
    if (stopped !== undefined) return stopAll(items, [stopped]);
    const included = (automation: ActualAutomation) => this.#includes(automation, automation);
    return [
      ...changes,
      ...matched.removed.filter(included).map((automation) => this.#planRemoval(automation)),
      ...[...matched.foreignRemoved, ...(this.options.prune ? matched.unnamedForeign : [])]
        .filter(included)
        .map((automation) => skippedItem(automation, notInRecord)),
      ...this.#planDuplicates(matched),
      ...this.#planUnnamed(unnamed),
      ...this.#planUnknown(matched),
    ];
  }

  #planUnnamed(unnamed: readonly ActualAutomation[]): PlanItem[] {
    if (this.options.prune !== true) return [];
    return unnamed.flatMap((automation) => {
      if (this.options.forNobody?.has(automation.automation_id)) return skippedItem(automation, forNobody);
      const { key, mark } = this.#entryOf(automation) ?? {};
      const isOfLeaving = key !== undefined && this.desired.leaving?.includes(key) === true;
      if (mark === "initial") return isOfLeaving ? skippedItem(automation, notDeletedInitial) : [];
      return this.#delete(automation, isOfLeaving ? leavingReason : "prune");
    });
  }

  /** Lists unknown automations that would be deleted if they exist. */
  #planUnknown({ removedUnknown, unnamedUnknown }: Matcher): PlanItem[] {
    return [
      ...removedUnknown,
      ...(this.options.prune ? unnamedUnknown.filter(({ mark }) => mark !== "initial") : []),
    ]
      .map((entry) => this.#unknown(entry))
      .filter(({ name, automation_id = "" }) => this.options.includes?.({ name, automation_id }) ?? true);
  }

  #unknown(entry: RecordEntry): PlanItem {
    return unknownItem(entry, this.options.unknown?.get(entry.automation_id));
  }

  /** Lists unrecorded copies of recorded automations. */
  #planDuplicates({ found }: Matcher): PlanItem[] {
    const { recorded } = this.desired;
    if (recorded === undefined) return [];
    const ours = new Set(recorded.entries.map(({ automation_id }) => automation_id));
    const others = this.actual.filter((each) => !ours.has(each.automation_id) && this.#includes(each, each));
    return [...found.values()].flatMap((original) =>
      others
        .filter((each) => isDuplicate(original, each))
        .map((duplicate) => skippedItem(duplicate, `duplicate of ${original.automation_id}`)),
    );
  }

  #includes({ name }: { name: string }, automation: { automation_id: string } | undefined): boolean {
    return this.options.includes?.({ automation_id: automation?.automation_id ?? "", name }) ?? true;
  }

  /** Deletes it, unless somebody paused it; the reason includes its state. */
  #delete(automation: ActualAutomation, why: string): PlanItem {
    if (this.#staysPaused(automation)) return leftPaused(automation, this.options.whyPaused?.(automation));
    return deletion(automation, `${why}, ${automation.enabled ? "enabled" : "paused"}`);
  }

  /** True if it is paused, but not by the files themselves. */
  #staysPaused(automation: ActualAutomation): boolean {
    const isKeptPaused = this.#entryOf(automation)?.mark === "paused";
    return !automation.enabled && this.options.deletePaused !== true && !isKeptPaused;
  }

  #entryOf({ automation_id }: ActualAutomation): RecordEntry | undefined {
    return this.desired.recorded?.entries.find((each) => each.automation_id === automation_id);
  }

  /** Returns an entry for an unnamed automation if it is paused and remains, or an incident holds it. */
  #paused(automation: ActualAutomation): (ActualAutomation & { why: string })[] {
    const held = this.options.whyPaused?.(automation);
    const isPruned = this.options.prune && this.#entryOf(automation)?.mark !== "initial";
    const remains = isPruned ? this.#staysPaused(automation) : held !== undefined;
    return remains ? [{ ...automation, why: held ?? "paused" }] : [];
  }

  #planItem(item: DesiredItem, matched: Matcher): PlanItem {
    const { found, gone, foreign, unknown } = matched;
    const automation = found.get(item);
    const [goneId, other, line] = [gone.get(item), foreign.get(item), unknown.get(item)];
    if (line !== undefined) return { ...this.#unknown(line), ...itemFacts(item) };
    const { unfit } = item.schedule;
    const isOnlyCompared = this.desired.recorded?.isAdopting || (item.initial && automation);
    if (unfit?.isNow && other === undefined && !isOnlyCompared) {
      const automation_id = automation?.automation_id ?? goneId;
      return { action: "skipped", ...itemFacts(item), automation_id, reason: `${notSent}${unfit.text}` };
    }
    if (automation === undefined) {
      if (other !== undefined)
        return {
          ...skippedItem(other, notInRecord),
          ...itemFacts(item),
          isOther: this.#isOther(item, other),
        };
      if (goneId !== undefined && this.options.recreate !== true)
        return { action: "skipped", ...itemFacts(item), automation_id: goneId, reason: deletedSince };
      const why = whyHeld(item, this.actual, this.options.whyPaused) ?? whyUncertain(matched.unnamedUnknown);
      return { ...creation(item), ...why };
    }
    const known = { ...itemFacts(item), automation_id: automation.automation_id };
    const changes = this.#compare(item, automation);
    const pausedReason = this.#whyLeftPaused(item, automation);
    if (Object.keys(changes).length === 0) {
      return { action: pausedReason === undefined ? "unchanged" : "skipped", ...known, reason: pausedReason };
    }
    const held = changes.enabled?.to === true ? this.options.whyPaused?.(automation) : undefined;
    const reason = isMovedByDst(item, { automation, changes }) ? "dst" : (pausedReason ?? held);
    return {
      action: changes.name === undefined ? "update" : "rename",
      ...known,
      changes,
      before: automation,
      reason,
      error: changes.name && this.#whyNotCalledSo(item, automation),
    };
  }

  /** Returns the error if another automation has the new name of a recorded one. */
  #whyNotCalledSo({ name }: DesiredItem, automation: ActualAutomation): string | undefined {
    if (this.desired.recorded === undefined) return undefined;
    const other = this.actual.find((each) => each.name === name);
    return other && `it is named "${automation.name}", and ${other.automation_id} already has the new name`;
  }

  #compare(item: DesiredItem, automation: ActualAutomation): ManifestChanges {
    const { name, schedule, instructions, initial } = item;
    const changes: ManifestChanges = {};
    if (initial) return changes;
    if (name !== automation.name) changes.name = { from: automation.name, to: name };
    if (!isSameSchedule(item, automation)) {
      changes.schedule = { from: automation.schedule, to: schedule.cron };
    }
    if (!isSameText(instructions, automation.instructions)) {
      changes.instructions = { from: automation.instructions ?? null, to: instructions };
    }
    const enabled = this.#desiredEnabled(item, automation);
    if (enabled !== automation.enabled) changes.enabled = { from: automation.enabled, to: enabled };
    return changes;
  }

  /** True if its schedule or text differs, apart from daylight saving. */
  #isOther(item: DesiredItem, automation: ActualAutomation): boolean {
    const { name: _, enabled: _enabled, ...changes } = this.#compare(item, automation);
    return Object.keys(changes).length > 0 && !isMovedByDst(item, { automation, changes });
  }

  #desiredEnabled({ enabled }: DesiredItem, automation: ActualAutomation): boolean {
    if (enabled === false) return false;
    return enabled === true && this.options.resumePaused === true ? true : automation.enabled;
  }

  /** Returns the reason why an automation remains paused, unless the manifest itself says so. */
  #whyLeftPaused(item: DesiredItem, automation: ActualAutomation): string | undefined {
    if (automation.enabled || item.enabled === false || item.initial) return undefined;
    if (this.#desiredEnabled(item, automation)) return undefined;
    const why = this.options.whyPaused?.(automation);
    return why === undefined ? "paused" : `paused, ${why}`;
  }

  #planRemoval(automation: ActualAutomation): PlanItem {
    const { name, automation_id } = automation;
    const { entries = [] } = this.desired.recorded ?? {};
    const keys = entries.filter((entry) => entry.automation_id === automation_id);
    const isMeant = (ref: string) =>
      ref === automation_id || ref === name || keys.some(({ key }) => key === ref || key === keyOfName(ref));
    const entry = this.desired.removed.find(({ ref }) => isMeant(ref));
    return { ...this.#delete(automation, "removed"), position: entry?.position, template: entry?.template };
  }
}

const notDeleted = "not deleted: paused";

/** Skips the deletion of an automation that somebody paused. `held`: the incident that holds it, if known. */
function leftPaused(automation: ActualAutomation, held: string | undefined): PlanItem {
  return skippedItem(automation, [notDeleted, held].filter(Boolean).join(", "));
}

export function isLeftPaused({ action, reason }: Pick<PlanItem, "action" | "reason">): boolean {
  return action === "skipped" && reason?.startsWith(notDeleted) === true;
}

/**
 * Stops a plan in which a paused automation would come back enabled under another name, until the files say whether it
 * was renamed or removed. `unnamed`: automations that no file names; `why`: `paused`, `held by …`.
 */
function whyStopped(
  unnamed: readonly (Pick<ActualAutomation, "name" | "automation_id"> & { why: string })[],
  changes: readonly PlanItem[],
): Conflict | undefined {
  const create = changes.find(({ action, error }) => action === "create" && error === undefined);
  if (create === undefined || unnamed.length === 0) return undefined;
  const paused = unnamed.map(({ name, automation_id, why }) => `"${name}" (${automation_id}), ${why},`);
  const are = `${paused.toSorted().join(" and ")} ${paused.length === 1 ? "is" : "are"}`;
  const error = `${are} no longer in any file; say whether it was renamed or removed with id:, formerly: or removed:`;
  return { name: create.name, error };
}

/** Refuses to create an item whose name may be the new name of an unnamed automation that may still exist. */
function whyUncertain([entry]: readonly RecordEntry[]): { error: string } | undefined {
  if (entry === undefined) return undefined;
  const { key, automation_id } = entry;
  const what = `"${nameInKey(key)}" (${automation_id}), which no file names`;
  return { error: `${what}, may still exist: no duplicate is created` };
}
