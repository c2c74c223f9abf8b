import type { Change } from "./change.js";
import { type HistoryPlace, listStored } from "./folder.js";
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
 * The changes of a data folder, newest first, each read when it is asked for; those of incidents from their ledgers. Throws
 * FileError where the folder can't be read.
 */
export function* readChanges(place: HistoryPlace, wanted: Wanted = {}): Generator<Change> {
  const ofIncidents = incidentChanges(place, wanted.since);
  for (const change of storedChanges(place, wanted)) {
    while (ofIncidents[0] !== undefined && isNewer(ofIncidents[0], change)) {
      yield ofIncidents[0];
      ofIncidents.shift();
    }
    yield change;
  }
  for (const change of ofIncidents) if (!isBefore(change, wanted.since)) yield change;
}

/** The change of that id, or of that name of an incident; undefined if there is none, or it can't be read. */
export function readChange(place: HistoryPlace, id: string): Change | undefined {
  const stored = listStored(place).find((each) => each.id === id);
  if (stored === undefined) return incidentChange(place, id);
  const text = place.files.read(stored.path);
  return text === undefined ? undefined : parseChange(text);
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

function* storedChanges(place: HistoryPlace, { since, onBroken }: Wanted): Generator<Change> {
  for (const { at, path } of listStored(place)) {
    if (since !== undefined && at < since) return;
    const text = place.files.read(path);
    // Forgotten meanwhile.
    if (text === undefined) continue;
    const change = parseChange(text);
    if (change === undefined) onBroken?.(path);
    else yield change;
  }
}

function isNewer(one: Change, other: Change): boolean {
  return Date.parse(one.at) > Date.parse(other.at);
}

function isBefore({ at }: Change, since: Date | undefined): boolean {
  return since !== undefined && Date.parse(at) < since.getTime();
}
