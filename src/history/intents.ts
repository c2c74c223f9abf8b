import { statSync } from "node:fs";
import type { ChangeHead, ChangeItem } from "./change.js";
import { type HistoryStorage, listRecent } from "./folder.js";
import { parseChange } from "./parse.js";

/** A create or a trigger that was sent and may take effect yet (src/changes/README.md, "At most once"). */
export interface Intent {
  key: string;
  target: ChangeHead["target"];
  item: ChangeItem;
  /** Milliseconds for which it still may. */
  leftMs: number;
}

/** Time after its sending within which a request may take effect without an answer. */
const openForMs = 16_000;
const freshMs = 60_000;
/** Newest files that are checked even without a lock: an outcome may be unknown. */
const mostNewest = 64;

/** Finds those of every other change in this data folder. Throws FileError where the folder can't be read. */
export function openIntents(storage: HistoryStorage, { own, now }: { own?: string; now: Date }): Intent[] {
  return listRecent(storage, mostNewest)
    .filter(({ id, path }) => id !== own && isFresh(path))
    .flatMap(({ id, path }) => {
      const { target, items = [] } = parseChange(storage.files.read(path) ?? "") ?? {};
      return items.flatMap((item, at): Intent[] => {
        const leftMs = openFor(item, now);
        if (target === undefined || leftMs === undefined) return [];
        return [{ key: `${id} ${at} ${item.sent_at}`, target, item, leftMs }];
      });
    });
}

function isFresh(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats !== undefined && Math.abs(Date.now() - stats.mtimeMs) < freshMs;
}

function openFor({ act, result, sent_at }: ChangeItem, now: Date): number | undefined {
  if ((act !== "create" && act !== "trigger") || result !== "unknown" || sent_at === undefined) return;
  const ageMs = now.getTime() - Date.parse(sent_at);
  // A time shortly in the future: the item was sent before the clock was put back.
  return Math.abs(ageMs) < openForMs ? openForMs - Math.max(0, ageMs) : undefined;
}
