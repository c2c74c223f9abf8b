import type { Change } from "./change.js";
import { type HistoryPlace, listStored } from "./folder.js";
import { parseChange } from "./parse.js";

/** What of the history is wanted. */
export interface Wanted {
  /** Only what was sent from then on. */
  since?: Date | undefined;
  /** Called with the path of a file that no change can be read from. */
  onBroken?(path: string): void;
}

/**
 * The changes of a data folder, newest first, each read when it is asked for. What incidents paused and resumed isn't among
 * them (`incidentChanges`). Throws FileError where the folder can't be read.
 */
export function* readChanges(place: HistoryPlace, { since, onBroken }: Wanted = {}): Generator<Change> {
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

/** The change of that id; undefined if there is none, or it can't be read. */
export function readChange(place: HistoryPlace, id: string): Change | undefined {
  const stored = listStored(place).find((each) => each.id === id);
  const text = stored && place.files.read(stored.path);
  return text === undefined ? undefined : parseChange(text);
}
