import { mayBeChanged } from "../fleet/outcome.js";
import { type Change, type ChangeRecord, changeKindOf } from "./change.js";
import type { HistoryStorage } from "./folder.js";
import { changesInOrder, type OrderedChange, plainInOrder, readFileOf } from "./order.js";
import { parseChange } from "./parse.js";

const textLines = /^\{"text":.*\n/gm;
const mayChange = /"act":"(?:update|pause|resume|delete)"/;

/** The time from a change's place in the order to its last item. */
const longestChangeMs = 60 * 60 * 1000;

/**
 * Lists what was changed with this data folder, oldest first; of incidents what was sent from here. `sinceMs` allows
 * skipping earlier ones, which may be there all the same. Throws FileError where the folder can't be read.
 */
export function changeRecordsOf(
  storage: HistoryStorage,
  { sinceMs = Number.NEGATIVE_INFINITY, ofIncidents = true } = {},
): ChangeRecord[] {
  const fromMs = sinceMs - longestChangeMs;
  const ordered = ofIncidents ? changesInOrder(storage) : plainInOrder(storage);
  return ordered
    .filter(({ at, origin }) => at.getTime() >= fromMs && origin === "here")
    .flatMap((placed) => {
      const change = placed.isOfIncident ? placed.read() : readAlone(storage, placed);
      return change === undefined ? [] : recordsIn(change);
    });
}

function readAlone(storage: HistoryStorage, { path }: OrderedChange): Change | undefined {
  return readFileOf(storage, path, (text, lock) => {
    // Instructions, most of a file, tell nothing here.
    if (!mayChange.test(text)) return undefined;
    return parseChange(text.replaceAll(textLines, ""), lock);
  });
}

function recordsIn({ items, incident, at: begun, by: { user }, id, undoes }: Change): ChangeRecord[] {
  return items.flatMap((item) => {
    const { deployment_id, automation_id, at = begun, served_at, before, after = {}, sent_at } = item;
    const change = changeKindOf(item);
    if (change === undefined || automation_id === null || !mayBeChanged(item)) return [];
    // Its text may have been skipped.
    const isEdit = "schedule" in after || "instructions" in after;
    const sentAt = sent_at === undefined ? undefined : new Date(sent_at);
    const isMade = before !== undefined && item.result === "done";
    const made = isMade ? { id, undoes, before, isEdit, sentAt, updated_at: item.updated_at } : undefined;
    const record = { deployment_id, automation_id, change, incident, user, at: new Date(at), made };
    return [served_at === undefined ? record : { ...record, servedAt: new Date(served_at) }];
  });
}
