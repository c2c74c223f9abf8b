import type { Automation, AutomationFields } from "../api/types.js";
import { type FieldName, sentFields } from "../changes/fields.js";
import { mayBeChanged } from "../fleet/outcome.js";
import { itemKey } from "../fleet/refs.js";
import { strangeStamp } from "../runs/last-edit.js";
import type { Change, ChangeItem, ChangeRecord } from "./change.js";
import { recordOf } from "./change-records.js";

/** Effects of the changes after the one to be undone, as far as they still stand. */
export interface LaterChanges {
  /** The newest later change of one of these fields that surely took effect, and wasn't undone. */
  later(item: ChangeItem, fields: readonly FieldName[]): string | undefined;
  /** As src/runs/last-edit.ts has it: a string only where its automation was changed elsewhere since. */
  strangeStamp(item: ChangeItem, current: Automation): string | null | undefined;
  /** Ids under which a deleted one was created again. */
  recreatedAs(item: ChangeItem): ReadonlySet<string>;
  /** True for one that a create of this history is known to have made. */
  isMade(automation_id: string): boolean;
  /** True for one that was created again in another's place: two equal ones may have been deleted. */
  replacesAnother(item: ChangeItem, automation_id: string): boolean;
}

interface Later {
  by: string;
  fields: ReadonlySet<FieldName>;
  isKnown: boolean;
}

/** `readAll`: reads the whole history, where the later changes don't tell. */
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
        open.set(key, [...others, { by: each.id, fields: new Set(fieldsOf(item)), isKnown }]);
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

/** The deleted automation that each created one brought back. */
function originalsIn(changes: Iterable<Change>): Map<string, string> {
  const originals = new Map<string, string>();
  for (const { items } of changes)
    for (const { automation_id, recreates } of items)
      if (recreates !== undefined && automation_id !== null) originals.set(automation_id, recreates);
  return originals;
}

/** The first of those that were deleted and brought back, up to this one. */
function originalOf(id: string, originals: ReadonlyMap<string, string>): string {
  let first = id;
  for (let before = originals.get(first); before !== undefined; before = originals.get(first)) first = before;
  return first;
}

function mayStand(item: ChangeItem): boolean {
  return mayBeChanged(item) && item.act !== "trigger" && item.act !== "answer";
}

function fieldsOf({ act, after = {} }: ChangeItem): FieldName[] {
  const sent = sentFields(after as Partial<AutomationFields>);
  if (act === "pause" || act === "resume") return [...new Set<FieldName>([...sent, "enabled"])];
  return sent;
}

function addTo<Value>(sets: Map<string, Set<Value>>, key: string, value: Value): void {
  const set = sets.get(key) ?? new Set<Value>();
  sets.set(key, set.add(value));
}
