import { existsSync } from "node:fs";
import type { Change } from "./change.js";
import { type HistoryStorage, isChangeId, listStored } from "./folder.js";
import { changesInOrder, readFileOf } from "./order.js";
import { parseChange } from "./parse.js";

/** What of the history is wanted. */
export interface ReadOptions {
  /** Only what was sent from then on. */
  since?: Date | undefined;
  /** Called with the path of a file that no change can be read from. */
  onBroken?(path: string): void;
}

/**
 * The changes of a data folder in the order in which they came in, newest first, each read when it is asked for. Throws FileError
 * where the folder can't be read.
 */
export function* readChanges(
  storage: HistoryStorage,
  { since, onBroken }: ReadOptions = {},
): Generator<Change> {
  for (const { at, path, read } of changesInOrder(storage).reverse()) {
    if (since !== undefined && at < since) break;
    const change = read();
    if (change === undefined) {
      // Unless it was forgotten meanwhile.
      if (existsSync(path)) onBroken?.(path);
    } else if (since === undefined || Date.parse(change.at) >= since.getTime()) yield change;
  }
}

/** The change of that id; undefined if there is none, or it can't be read. */
export function readChange(storage: HistoryStorage, id: string): Change | undefined {
  if (!isChangeId(id)) return undefined;
  const stored = listStored(storage).find((each) => each.id === id);
  if (stored !== undefined) return readFileOf(storage, stored.path, parseChange);
  const placed = changesInOrder(storage).find((each) => each.id === id);
  return placed?.read();
}

/** The changes that came after one, oldest first. */
export function changesAfter(storage: HistoryStorage, { id }: Change): Change[] {
  const later: Change[] = [];
  for (const change of readChanges(storage)) {
    if (change.id === id) break;
    later.push(change);
  }
  return later.reverse();
}
