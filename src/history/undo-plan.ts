/** Plans an undo from the current state and later changes. */

import { isPresent } from "../api/json.js";
import type { Automation, AutomationDetail, AutomationFields } from "../api/types.js";
import { type FieldName, isSameField, sentFields } from "../changes/fields.js";
import { mayBeChanged } from "../fleet/outcome.js";
import { itemKey } from "../fleet/refs.js";
import { strangeStamp } from "../runs/last-edit.js";
import { type Change, type ChangeItem, type ChangeRecord, elsewhereText } from "./change.js";
import { recordOf } from "./change-records.js";

export interface Present {
  /** Undefined if it doesn't exist. An automation that couldn't be read isn't part of the plan. */
  automation: AutomationDetail | undefined;
  /** Automations that may replace a deleted one, with every field; for a renamed one, those beside it. */
  others: readonly Automation[];
  pausedBy: string | undefined;
}

export interface UndoneChange {
  since: LaterChanges;
  at: string;
}

export type UndoStep = { item: ChangeItem } & (
  | { action: "restore"; current: AutomationDetail; fields: Partial<AutomationFields> }
  | { action: "recreate"; fields: AutomationFields }
  | { action: "delete"; current: AutomationDetail }
  /** The automation is already as it was before the change; `as`: its new id if it was recreated. */
  | { action: "unchanged"; as?: string }
  /** `why`: it was changed since, or can't be undone. */
  | { action: "skip"; why: string; as?: string | undefined }
);

export function itemsToUndo({ items }: Pick<Change, "items">): ChangeItem[] {
  return items.filter(mayBeChanged);
}

/**
 * Plans one item's undo from its current state; pure. Undoes only fields still as the change left them
 * (src/history/README.md, "Taking back").
 */
export function planUndo(item: ChangeItem, known: Known): UndoStep {
  switch (item.act) {
    case "trigger":
      return leave(item, "a started run can't be undone");
    case "answer":
      return leave(item, "an answer can't be undone");
    case "create":
      return undoCreate(item, known);
    case "delete":
      return undoDelete(item, known);
    default:
      return undoUpdate(item, known);
  }
}

function leave(item: ChangeItem, why: string, as?: string): UndoStep {
  return { item, action: "skip", why, as };
}

interface Known extends UndoneChange {
  present: Present;
}

function undoUpdate(item: ChangeItem, { present, since }: Known): UndoStep {
  const { automation: current, pausedBy } = present;
  if (current === undefined) return leave(item, "deleted since");
  const { before = {}, after = {} } = item;
  const sent = fieldsOf(after);
  const open = sent.filter((field) => isSame(field, before[field], current[field]) !== true);
  if (open.length === 0) return { item, action: "unchanged" };
  const moved = open.filter((field) => isSame(field, after[field], current[field]) !== true);
  if (moved.length > 0) return leave(item, `changed since: ${moved.join(", ")}`);
  const later = since.later(item, open);
  if (later !== undefined) return leave(item, `changed since by ${later}`);
  const lost = open.filter((field) => before[field] === undefined || before[field] === null);
  if (lost.length > 0) return leave(item, `its earlier state isn't known: ${lost.join(", ")}`);
  const fields: Partial<AutomationFields> = Object.fromEntries(open.map((field) => [field, before[field]]));
  const named =
    fields.name === undefined ? undefined : present.others.find(({ name }) => name === fields.name);
  if (named !== undefined) return leave(item, nameExists(named));
  if (fields.enabled === true) {
    if (pausedBy !== undefined) return leave(item, pausedBy);
    const stamp = since.strangeStamp(item, current);
    if (stamp) return leave(item, elsewhereText(stamp));
  }
  return { item, action: "restore", current, fields };
}

function undoCreate(item: ChangeItem, { present, since }: Known): UndoStep {
  const { automation: current, pausedBy } = present;
  if (current === undefined) return { item, action: "unchanged" };
  const { after = {} } = item;
  const expected = { enabled: true, ...after };
  const moved = fieldsOf(expected).filter(
    (field) => isPresent(current[field]) && isSame(field, expected[field], current[field]) !== true,
  );
  if (pausedBy !== undefined) return leave(item, pausedBy);
  if (moved.length > 0) return leave(item, `changed since: ${moved.join(", ")}`);
  const later = since.later(item, fieldsOf(expected));
  if (later !== undefined) return leave(item, `changed since by ${later}`);
  const stamp = since.strangeStamp(item, current);
  if (stamp) return leave(item, elsewhereText(stamp, "changed and put back"));
  if (current.recent_runs.length > 0 || isPresent(current.last_run_at))
    return leave(item, "it has run since");
  return { item, action: "delete", current };
}

function undoDelete(item: ChangeItem, { present, since, at }: Known): UndoStep {
  if (present.automation !== undefined) return { item, action: "unchanged" };
  const fields = fieldsToCreate(item);
  if (fields === undefined) return leave(item, "its earlier state isn't fully known");
  const isSameAs = (other: Automation) => isAsCreated(other, fields);
  const recreated = since.recreatedAs(item);
  const made = present.others.filter(({ automation_id }) => recreated.has(automation_id));
  const newer = present.others.filter((other) => mayReplace(item, other, { since, at }));
  const same = made.find(isSameAs) ?? newer.find((other) => isPresent(other.created_at) && isSameAs(other));
  if (same !== undefined) return { item, action: "unchanged", as: same.automation_id };
  const [edited] = made;
  if (edited !== undefined)
    return leave(item, `created again as ${edited.automation_id}, and changed since`, edited.automation_id);
  const [other] = newer;
  if (other !== undefined) return leave(item, nameExists(other));
  return { item, action: "recreate", fields };
}

function nameExists({ automation_id }: Automation): string {
  return `an automation with that name already exists: ${automation_id}`;
}

function fieldsToCreate({ before = {} }: ChangeItem): AutomationFields | undefined {
  const { name, schedule, instructions, thread_id, enabled } = before;
  if (!isPresent(name) || !isPresent(schedule) || !isPresent(instructions)) return undefined;
  const fields: AutomationFields = { name, schedule, instructions };
  if (isPresent(thread_id)) fields.thread_id = thread_id;
  if (enabled === false) fields.enabled = false;
  return fields;
}

/** True if it has the name of a deleted automation, unless it had it before the deletion or replaced another. */
export function mayReplace(
  item: ChangeItem,
  { automation_id, name, created_at }: Automation,
  { since, at }: Pick<UndoneChange, "since" | "at">,
): boolean {
  const isOlder = isPresent(created_at) && Date.parse(created_at) < Date.parse(at);
  return name === item.before?.name && !isOlder && !since.replacesAnother(item, automation_id);
}

/** True if an automation, read with every field, equals these fields, and so isn't created again. */
export function isAsCreated(automation: Automation, fields: AutomationFields): boolean {
  const expected = { enabled: true, ...fields };
  return sentFields(expected).every((field) => isSame(field, expected[field], automation[field]) === true);
}

function fieldsOf(fields: ChangeItem["after"] = {}): FieldName[] {
  return sentFields(fields as Partial<AutomationFields>);
}

function isSame(field: FieldName, one: unknown, other: unknown): boolean | undefined {
  return isSameField(field, one ?? null, other ?? null);
}

/** Effects of later changes on an undo, if these are still in place. */
interface LaterChanges {
  /** The newest later change to one of these fields that surely took effect and wasn't undone. */
  later(item: ChangeItem, fields: readonly FieldName[]): string | undefined;
  /** As in src/runs/last-edit.ts: a string only if its automation was changed elsewhere later. */
  strangeStamp(item: ChangeItem, current: Automation): string | null | undefined;
  /** Ids of automations recreated in place of a deleted one. */
  recreatedAs(item: ChangeItem): ReadonlySet<string>;
  /** True if this history is known to have created the automation. */
  isMade(automation_id: string): boolean;
  /** True if it was recreated in place of another, because two equal automations may have been deleted. */
  replacesAnother(item: ChangeItem, automation_id: string): boolean;
}

interface Later {
  by: string;
  fields: ReadonlySet<FieldName>;
  isKnown: boolean;
}

/** `readAll` reads the whole history, for when the later changes aren't enough. */
export function laterChanges(later: readonly Change[], readAll: () => Iterable<Change>): LaterChanges {
  const open = new Map<string, Later[]>();
  const known = new Map<string, Set<ChangeRecord>>();
  const originals = originalsIn(later);
  const recreated = new Map<string, Set<string>>();
  for (const id of originals.keys()) addTo(recreated, originalOf(id, originals), id);
  for (const each of later) {
    for (const item of each.items.filter(mayStand)) {
      const key = itemKey(item);
      const record = recordOf(item, each);
      if (record !== undefined) addTo(known, key, record);
      const others = open.get(key) ?? [];
      const undone = others.filter(({ by }) => by === each.undoes);
      if (undone.length > 0)
        open.set(
          key,
          others.filter((other) => !undone.includes(other)),
        );
      else {
        const isKnown = item.result === "done";
        open.set(key, [...others, { by: each.id, fields: new Set(changedFields(item)), isKnown }]);
      }
    }
  }
  return {
    later: (item, fields) =>
      open
        .get(itemKey(item))
        ?.findLast((other) => other.isKnown && fields.some((field) => other.fields.has(field)))?.by,
    strangeStamp: (item, current) => {
      const own = recordOf(item, {});
      return own && strangeStamp(current, { own, since: [...(known.get(itemKey(item)) ?? [])] });
    },
    recreatedAs: (item) => recreated.get(item.automation_id ?? "") ?? new Set(),
    isMade: (id) =>
      [...readAll()].some(({ items }) =>
        items.some(({ act, automation_id }) => act === "create" && automation_id === id),
      ),
    replacesAnother: (item, automation_id) => {
      if (!originals.has(automation_id)) return false;
      const all = originalsIn(readAll());
      return originalOf(automation_id, all) !== originalOf(item.automation_id ?? "", all);
    },
  };
}

/** Maps each recreated automation to the deleted one. */
function originalsIn(changes: Iterable<Change>): Map<string, string> {
  const originals = new Map<string, string>();
  for (const { items } of changes)
    for (const { automation_id, recreates } of items)
      if (recreates !== undefined && automation_id !== null) originals.set(automation_id, recreates);
  return originals;
}

/** Returns the first automation in this one's chain of deletions and recreations. */
function originalOf(id: string, originals: ReadonlyMap<string, string>): string {
  let first = id;
  for (let before = originals.get(first); before !== undefined; before = originals.get(first)) first = before;
  return first;
}

function mayStand(item: ChangeItem): boolean {
  return mayBeChanged(item) && item.act !== "trigger" && item.act !== "answer";
}

function changedFields({ act, after = {} }: ChangeItem): FieldName[] {
  const sent = sentFields(after as Partial<AutomationFields>);
  if (act === "pause" || act === "resume") return [...new Set<FieldName>([...sent, "enabled"])];
  return sent;
}

function addTo<Value>(sets: Map<string, Set<Value>>, key: string, value: Value): void {
  const set = sets.get(key) ?? new Set<Value>();
  sets.set(key, set.add(value));
}
