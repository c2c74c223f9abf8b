import type { AutomationFields } from "../../api/types.js";
import type { ManagedField } from "../item-template.js";
import type { FilePosition, Mistake } from "../mistake.js";
import { keyOf, type RecordKey } from "../record/key.js";
import type { DesiredItem } from "../state/desired.js";

/** What a plan tells of what is wanted. */
type ItemFacts = Pick<DesiredItem, "name" | "position" | "template" | "values"> &
  Pick<PlanItem, "spreadMinutes" | "key">;

/** An automation as the server has it; `instructions` come with GET alone. */
export interface ActualAutomation {
  automation_id: string;
  name: string;
  schedule: string;
  enabled: boolean;
  instructions?: string;
  thread_id?: string | null;
  created_at?: string | null;
  updated_at?: string | null;
}

/** What becomes of an automation of a plan. */
export type Action =
  | "create"
  | "update"
  | "rename"
  | "delete"
  /** Taken into a record; nothing is sent. */
  | "adopt"
  | "unchanged"
  /** Not touched, though the files or the record mean it. */
  | "skipped";

/** The fields that a plan changes, in the order they are shown in. */
type ManagedFields = Required<Pick<AutomationFields, ManagedField>>;

export type ManifestChanges = {
  [Field in keyof ManagedFields]?: { from: ManagedFields[Field] | null; to: ManagedFields[Field] };
};

/** What shall become of one automation, and why. */
export interface PlanItem extends Pick<DesiredItem, "template" | "values"> {
  action: Action;
  name: string;
  /** What the record has it as, if there is one. */
  key?: RecordKey;
  automation_id?: string;
  /** For create, update and rename: what the field is (`null`: not there) and what it shall be. It is what is sent. */
  changes?: ManifestChanges;
  /** `dst`: only daylight saving moved. `removed, enabled`, `prune, paused`, `twin of …`: why it is deleted, and what that stops. `not ours`, `held by …`: `deleted since`, `paused …`: why it is skipped. `held by …`: what it is turned on in spite of. */
  reason?: string;
  /** Why nothing can be done in this deployment, with the ids; of a create why it alone isn't made. */
  error?: string;
  /** The same without ids that are others in each deployment, where it has such. */
  alike?: string;
  /** It is what stops its deployment, rather than what is stopped with it. */
  isCause?: boolean;
  /** A schedule that is to be sent and can't be read: nothing may be changed anywhere. */
  mistake?: Mistake;
  /** Where the manifest says so; not for what is pruned. */
  position?: FilePosition;
  /** By how much `spread` moves it from what the manifest says. */
  spreadMinutes?: number;
  /** What is changed or deleted, as it was read. */
  before?: ActualAutomation;
  /** Of a twin that is deleted: the id of the one that has to be there still. */
  stays?: string;
  /** Of what gets a new name: the ids of others that had it when this was planned. */
  beside?: readonly string[];
}

/** What makes an item that isn't there yet. */
export function creation(item: DesiredItem): PlanItem {
  const { name, schedule, instructions, enabled } = item;
  return {
    action: "create",
    ...itemFacts(item),
    changes: {
      name: { from: null, to: name },
      schedule: { from: null, to: schedule.ok ? schedule.cron : schedule.text },
      instructions: { from: null, to: instructions },
      ...(enabled === false && { enabled: { from: null, to: false } }),
    },
    mistake: unreadable(item),
  };
}

/** What is told of an item, whatever becomes of it. */
export function itemFacts({ id, name, position, template, values, schedule }: DesiredItem): ItemFacts {
  const spreadMinutes = schedule.ok ? schedule.spreadMinutes : undefined;
  return { key: keyOf({ id, name }), name, position, template, values, spreadMinutes };
}

/** What isn't touched, though the files or the record mean it. */
export function skipping({ name, automation_id }: ActualAutomation, reason: string): PlanItem {
  return { action: "skipped", name, automation_id, reason };
}

/** Of what the record doesn't have. */
export const notOurs = "not ours";

/** Of what was there, as the record knows, and was deleted by somebody else. */
export const deletedSince = "deleted since";

/** Why all that the record has in a deployment is deleted. */
export const leavingReason = "leaving";

/** Whether it is deleted because its deployment leaves. */
export function isOfLeaving({ action, reason }: Pick<PlanItem, "action" | "reason">): boolean {
  return action === "delete" && reason?.startsWith(`${leavingReason}, `) === true;
}

export function deletion(before: ActualAutomation, reason: string): PlanItem {
  const { name, automation_id } = before;
  return { action: "delete", name, automation_id, reason, before };
}

/** What can't be told apart, by the item or the entry of `removed` that names it. */
export type Conflict = Pick<PlanItem, "name" | "alike"> & { error: string };

/** Nothing is done with any item, because some can't be told apart. */
export function stopAll(items: readonly DesiredItem[], conflicts: readonly Conflict[]): PlanItem[] {
  const causes = new Map(conflicts.map((conflict) => [conflict.name, conflict]));
  const [{ name: cause, error = "", alike = error } = { name: "" }] = conflicts;
  const because = (text: string) => `stopped by "${cause}": ${text}`;
  const ofItems = items.map(({ name, position }): PlanItem => {
    const own = causes.get(name);
    causes.delete(name);
    const why = own ?? { error: because(error), alike: because(alike) };
    return { action: "skipped", position, ...why, name, isCause: own !== undefined };
  });
  return [
    ...ofItems,
    ...[...causes.values()].map((own): PlanItem => ({ action: "skipped", ...own, isCause: true })),
  ];
}

/** Of a schedule that would have to be sent and can't be read. */
export function unreadable({ schedule }: DesiredItem): Mistake | undefined {
  if (schedule.ok) return undefined;
  const { position, reason, hint } = schedule;
  return { position, message: reason, suggestion: hint };
}
