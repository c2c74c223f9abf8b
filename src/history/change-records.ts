import { mayBeChanged } from "../fleet/outcome.js";
import { type Change, type ChangeItem, type ChangeRecord, changeKindOf } from "./change.js";
import type { HistoryStorage } from "./folder.js";
import { changesInOrder, type OrderedChange, plainInOrder, readFileOf } from "./order.js";
import { parseChange } from "./parse.js";

const textLines = /^\{"text":.*\n/gm;
const mayChange = /"act":"(?:update|pause|resume|delete)"/;

/** Maximum milliseconds from a change's creation to its last item. */
const longestChangeMs = 60 * 60 * 1000;

/**
 * Lists the changes made with this data folder, oldest first; an incident's only if sent from here, or from any machine
 * with `isEverywhere`. `sinceMs` lets it skip earlier changes, but doesn't exclude them. Throws FileError if the folder
 * can't be read.
 */
export function changeRecordsOf(
  storage: HistoryStorage,
  { sinceMs = Number.NEGATIVE_INFINITY, ofIncidents = true, isEverywhere = false } = {},
): ChangeRecord[] {
  const fromMs = sinceMs - longestChangeMs;
  const ordered = ofIncidents ? changesInOrder(storage) : plainInOrder(storage);
  return ordered
    .filter(({ at, origin }) => at.getTime() >= fromMs && (origin === "here" || isEverywhere))
    .flatMap((placed) => {
      const change = placed.isOfIncident ? placed.read() : readAlone(storage, placed);
      return change === undefined ? [] : recordsIn(change);
    });
}

function readAlone(storage: HistoryStorage, { path }: OrderedChange): Change | undefined {
  return readFileOf(storage, path, (text, lock) => {
    // Skips texts, which are most of a file, and irrelevant here.
    if (!mayChange.test(text)) return undefined;
    return parseChange(text.replaceAll(textLines, ""), lock);
  });
}

function recordsIn(change: Change): ChangeRecord[] {
  // A new automation has its `created_at` instead.
  return change.items.flatMap((item) => (item.act === "create" ? [] : (recordOf(item, change) ?? [])));
}

/** Returns the effect of one item of a change; undefined if it is known to have changed nothing. */
export function recordOf(
  item: ChangeItem,
  { at: begun = "", by, incident, id, undoes, target }: Partial<Change>,
): ChangeRecord | undefined {
  const { deployment_id, automation_id, at: answered = begun, served_at, sent_at = answered } = item;
  const { before, after, result, is_resent, updated_at } = item;
  const change = item.act === "create" ? item.act : changeKindOf(item);
  if (change === undefined || automation_id === null || !mayBeChanged(item)) return undefined;
  const at = new Date(answered);
  const atMs = Date.parse(served_at ?? answered);
  const sentMs = Date.parse(sent_at) + atMs - at.getTime();
  const lateMs = is_resent || result === "unknown" ? sentMs : undefined;
  const ids = { deployment_id, automation_id, store_id: target?.store_id };
  const record = { ...ids, change, incident, by, at, atMs, lateMs };
  if (result !== "done") return record;
  // The item was sent at most a round trip after it was read; both times are by this machine's clock.
  const reading = before && { ...before, readMs: Math.min(atMs, sentMs) };
  return { ...record, id, undoes, before: reading, after, updated_at };
}
