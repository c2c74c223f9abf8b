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
  const text = place.files.read(path);
  // Forgotten meanwhile.
  if (text === undefined) return undefined;
  const change = parseChange(text);
  if (change === undefined) onBroken?.(path);
  return change;
}

function isNewer(one: Change, other: Change): boolean {
  return Date.parse(one.at) > Date.parse(other.at);
}
