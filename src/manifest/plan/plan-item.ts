import type { AutomationFields } from "../../api/types.js";
import type { Move } from "../../schedule/frequency.js";
import type { ManagedField } from "../item-template.js";
import type { FilePosition } from "../mistake.js";
import {
  keyOf,
  nameInKey,
  type RecordEntry,
  type RecordKey,
  type RecordMark,
} from "../record/automation-record.js";
import type { DesiredItem } from "../state/desired-items.js";

/** An automation on the server; only GET returns `instructions`. A type, so that it is an Automation too. */
export type ActualAutomation = {
  automation_id: string;
  name: string;
  schedule: string;
  enabled: boolean;
  instructions?: string;
  /** No file manages it. */
  thread_id?: string | null;
  updated_at?: string | null;
};

export type Action =
  | "create"
  | "update"
  | "rename"
  | "delete"
  /** Adds the automation to a record without sending a request. */
  | "adopt"
  /** Drops the automation from a record without sending a request. */
  | "forget"
  | "unchanged"
  | "skipped"
  /** Recorded, but of unknown existence, so that it is neither changed nor replaced. */
  | "unknown";

/** Fields in display order. */
type ManagedFields = Required<Pick<AutomationFields, ManagedField>>;

export type ManifestChanges = {
  [Field in keyof ManagedFields]?: { from: ManagedFields[Field] | null; to: ManagedFields[Field] };
};

export interface PlanItem extends Pick<DesiredItem, "template" | "values"> {
  action: Action;
  name: string;
  key?: RecordKey;
  automation_id?: string;
  /** The fields to send: `from` (`null`: absent) and `to`. */
  changes?: ManifestChanges;
  /**
   * `dst`: only daylight saving moved. `removed, enabled`, `prune, paused`: why it is deleted, and its state. `not in
   * the record`, `duplicate of …`, `deleted since`, `paused …`, `not deleted: paused …`: why it is skipped. `held by
   * …`: the incident that holds it, although it is enabled.
   */
  reason?: string;
  /** The reason, with ids, why this deployment can't be changed; for a create, why it alone isn't made. */
  error?: string;
  isCause?: boolean;
  /** True if it isn't ours and differs from the item in schedule or text. */
  isOther?: boolean;
  /** The error of reading an unknown automation. */
  cause?: unknown;
  /** The manifest's line; absent for pruned automations. */
  position?: FilePosition;
  /** The mark in its record entry. If the files keep it paused, deleting it while paused is no surprise. */
  mark?: RecordMark | undefined;
  spreadMinutes?: number;
  before?: ActualAutomation;
}

export function creation(item: DesiredItem): PlanItem {
  const { name, schedule, instructions, enabled } = item;
  return {
    action: "create",
    ...itemFacts(item),
    changes: {
      name: { from: null, to: name },
      schedule: { from: null, to: schedule.cron },
      instructions: { from: null, to: instructions },
      ...(enabled === false && { enabled: { from: null, to: false } }),
    },
  };
}

/** Returns how this request changes its run times. */
export function moveOf({ action, before, changes }: Pick<PlanItem, "action" | "before" | "changes">): Move {
  if (action === "delete") return [before, undefined];
  if (changes === undefined) return [before, before];
  const schedule = changes.schedule?.to ?? before?.schedule;
  return [before, { schedule, enabled: changes.enabled?.to ?? before?.enabled ?? true }];
}

export function itemFacts(item: DesiredItem) {
  const { id, name, position, template, values, schedule, enabled, initial } = item;
  const { spreadMinutes } = schedule;
  const mark: RecordMark | undefined = initial ? "initial" : enabled === false ? "paused" : undefined;
  return { key: keyOf({ id, name }), name, position, template, values, spreadMinutes, mark };
}

export function skippedItem({ name, automation_id }: ActualAutomation, reason: string): PlanItem {
  return { action: "skipped", name, automation_id, reason };
}

export function unknownItem({ key, automation_id }: RecordEntry, cause: unknown): PlanItem {
  return { action: "unknown", name: nameInKey(key), key, automation_id, cause };
}

/** The reason given for automations that are missing from the record. */
export const notInRecord = "not in the record";

/** The reason given for a recorded automation that somebody else deleted. */
export const deletedSince = "deleted since";

/** The reason for not deleting automations of an item whose `for` matches no deployment. */
export const forNobody = "not deleted: its for: matches no deployment";

/** The reason for not deleting an automation that belongs to the customer when its deployment leaves. */
export const notDeletedInitial = "not deleted: initial";

/** The start of the reason given for an item whose time zone sometimes needs several UTC cron expressions. */
export const notSent = "not sent: ";

/** Describes an automation that a customer, or somebody else with access, deleted. */
export const deletedThere = "deleted by someone else";

export function isDeletedThere({ action, reason }: Pick<PlanItem, "action" | "reason">): boolean {
  return action === "skipped" && reason === deletedSince;
}

/** The reason given for deletions if a `not` excludes the whole deployment. */
export const leavingReason = "leaving";

export function isOfLeaving({ action, reason }: Pick<PlanItem, "action" | "reason">): boolean {
  return action === "delete" && reason?.startsWith(`${leavingReason}, `) === true;
}

export function deletion(before: ActualAutomation, reason: string): PlanItem {
  const { name, automation_id } = before;
  return { action: "delete", name, automation_id, reason, before };
}

export interface Conflict {
  name: string;
  error: string;
}

export function stopAll(
  items: readonly Pick<PlanItem, "name" | "position">[],
  conflicts: readonly Conflict[],
): PlanItem[] {
  const causes = new Map(conflicts.map((conflict) => [conflict.name, conflict]));
  const [cause] = conflicts;
  const ofItems = items.map(({ name, position }): PlanItem => {
    const own = causes.get(name);
    causes.delete(name);
    const error = own?.error ?? `stopped by "${cause?.name}": ${cause?.error}`;
    return { action: "skipped", position, name, error, isCause: own !== undefined };
  });
  return [
    ...ofItems,
    ...[...causes.values()].map((own): PlanItem => ({ action: "skipped", ...own, isCause: true })),
  ];
}
