import type { LockState } from "../files/lock.js";
import type { Change } from "./change.js";
import { type HistoryPlace, isChangeId, listStored, type StoredChange } from "./folder.js";
import { incidentChange, incidentChanges } from "./incident-changes.js";
import { parseChange } from "./parse.js";

/** What of the history is wanted. */
export interface Wanted {
  /** Only what was sent from then on. */
  since?: Date | undefined;
  /** Called with the path of a file that no change can be read from. */
  onBroken?(path: string): void;
}

/**
 * The changes of a data folder in the order in which they came in, newest first, each read when it is asked for; those of
 * incidents from their ledgers. Throws FileError where the folder can't be read.
 */
export function* readChanges(place: HistoryPlace, wanted: Wanted = {}): Generator<Change> {
  const { since } = wanted;
  const isWanted = (change: Change) => since === undefined || Date.parse(change.at) >= since.getTime();
  for (const change of inOrder(place, wanted)) if (isWanted(change)) yield change;
}

function* inOrder(place: HistoryPlace, wanted: Wanted): Generator<Change> {
  const stored = listStored(place);
  const ids = new Set(stored.map(({ id }) => id));
  const ofIncidents = incidentChanges(place, wanted.since);
  const placed = new Map(ofIncidents.map((change) => [change.id, change]));
  // Of these nothing but their clock tells where they stand.
  const others = ofIncidents.filter(({ id }) => !ids.has(id));
  for (const each of stored) {
    if (wanted.since !== undefined && each.at < wanted.since) break;
    const change = each.incident === undefined ? readStored(place, each, wanted) : placed.get(each.id);
    if (change === undefined) continue;
    const later = others.findIndex((other) => !isNewer(other, change));
    yield* others.splice(0, later === -1 ? others.length : later);
    yield change;
  }
  yield* others;
}

/** The change of that id; undefined if there is none, or it can't be read. */
export function readChange(place: HistoryPlace, id: string): Change | undefined {
  if (!isChangeId(id)) return undefined;
  const stored = listStored(place).find((each) => each.id === id);
  const isElsewhere = stored === undefined || stored.incident !== undefined;
  return isElsewhere ? incidentChange(place, id, stored?.incident) : readStored(place, stored);
}

/** The changes that came after one, oldest first. */
export function changesAfter(place: HistoryPlace, { id }: Change): Change[] {
  const later: Change[] = [];
  for (const change of readChanges(place)) {
    if (change.id === id) break;
    later.push(change);
  }
  return later.reverse();
}

function readStored(
  place: HistoryPlace,
  { path }: StoredChange,
  { onBroken }: Wanted = {},
): Change | undefined {
  return readFileOf(place, path, (text, lock) => {
    const change = parseChange(text, lock);
    if (change === undefined) onBroken?.(path);
    return change;
  });
}

/** The change of a file, as `parse` reads it; undefined where that has none, or the file was forgotten meanwhile. */
export function readFileOf(
  { files }: HistoryPlace,
  path: string,
  parse: (text: string, lock: LockState) => Change | undefined,
): Change | undefined {
  const read = (lock: LockState) => {
    const text = files.read(path);
    return text === undefined ? undefined : parse(text, lock);
  };
  const change = read("held");
  if (change === undefined || change.is_over) return change;
  const lock = files.lockState(path);
  // It may have been closed meanwhile.
  return lock === "held" ? change : read(lock);
}

function isNewer(one: Change, other: Change): boolean {
  return Date.parse(one.at) > Date.parse(other.at);
}
