import { mayBeChanged } from "../fleet/outcome.js";
import { type Change, type ChangeItem, type ChangeRecord, changeKindOf } from "./change.js";
import type { HistoryStorage } from "./folder.js";
import { changesInOrder, type OrderedChange, plainInOrder, readFileOf } from "./order.js";
import { parseChange } from "./parse.js";

const textLines = /^\{"text":.*\n/gm;
const maySwitch = /"enabled":|"act":"(?:pause|resume)"/;

/** The time from a change's place in the order to its last item. */
const longestChangeMs = 60 * 60 * 1000;

/**
 * Lists what was changed with this data folder, oldest first; of incidents what was sent from here. `sinceMs` and
 * `onlySwitches` (pauses and resumes) allow skipping others, which may be there all the same. Throws FileError where
 * the folder can't be read.
 */
export function changeRecordsOf(
  storage: HistoryStorage,
  { sinceMs = Number.NEGATIVE_INFINITY, onlySwitches = false, ofIncidents = true } = {},
): ChangeRecord[] {
  const fromMs = sinceMs - longestChangeMs;
  const ordered = ofIncidents ? changesInOrder(storage) : plainInOrder(storage);
  return ordered
    .filter(({ at, origin }) => at.getTime() >= fromMs && origin === "here")
    .flatMap((placed) => {
      const change = placed.isOfIncident ? placed.read() : readAlone(storage, placed, onlySwitches);
      return change === undefined ? [] : recordsIn(change);
    });
}

function readAlone(
  storage: HistoryStorage,
  { path }: OrderedChange,
  onlySwitches: boolean,
): Change | undefined {
  return readFileOf(storage, path, (text, lock) => {
    // Instructions, most of a file, tell nothing here.
    if (onlySwitches && !maySwitch.test(text)) return undefined;
    return parseChange(text.replaceAll(textLines, ""), lock);
  });
}

function recordsIn({ items, incident, at: begun, by: { user } }: Change): ChangeRecord[] {
  return items.flatMap((item) => {
    const { deployment_id, automation_id, at = begun, served_at } = item;
    const change = changeKindOf(item);
    if (change === undefined || automation_id === null || !mayBeChanged(item)) return [];
    const switched = switchedIn(item);
    const record = { deployment_id, automation_id, change, incident, user, at: new Date(at), switched };
    return [served_at === undefined ? record : { ...record, servedAt: new Date(served_at) }];
  });
}

function switchedIn({
  before,
  after = {},
  result,
  sent_at,
  updated_at,
}: ChangeItem): ChangeRecord["switched"] {
  const changed = Object.entries(after).filter(([, value]) => value !== undefined);
  const isSwitch = changed.length === 1 && after.enabled !== undefined;
  if (before === undefined || !isSwitch || result !== "done") return undefined;
  return { before, sentAt: sent_at === undefined ? undefined : new Date(sent_at), updated_at };
}
