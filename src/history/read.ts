import { existsSync } from "node:fs";
import type { Change } from "./change.js";
import { type HistoryStorage, isChangeId, listStored } from "./folder.js";
import { changesInOrder, readFileOf } from "./order.js";
import { parseChange } from "./parse.js";

interface HistoryReading {
  since?: Date | undefined;
  onBroken?(path: string): void;
}

/** Reads a data folder's changes one by one, latest arrival first. Throws FileError if the folder can't be read. */
export function* readChanges(
  storage: HistoryStorage,
  { since, onBroken }: HistoryReading = {},
): Generator<Change> {
  for (const { at, path, read } of changesInOrder(storage).reverse()) {
    if (since !== undefined && at < since) break;
    const change = read();
    if (change === undefined) {
      // The file may have been deleted since.
      if (existsSync(path)) onBroken?.(path);
    } else if (since === undefined || Date.parse(change.at) >= since.getTime()) yield change;
  }
}

export function readChange(storage: HistoryStorage, id: string): Change | undefined {
  if (!isChangeId(id)) return undefined;
  const stored = listStored(storage).find((each) => each.id === id);
  if (stored !== undefined) return readFileOf(storage, stored.path, parseChange);
  const placed = changesInOrder(storage).find((each) => each.id === id);
  return placed?.read();
}

export function changesAfter(storage: HistoryStorage, { id }: Change): Change[] {
  const later: Change[] = [];
  for (const change of readChanges(storage)) {
    if (change.id === id) break;
    later.push(change);
  }
  return later.reverse();
}
