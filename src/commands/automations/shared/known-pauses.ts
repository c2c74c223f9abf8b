import type { Context } from "../../../context.js";
import { lastPausedMs } from "../../../observe/unexpected.js";
import type { ListedItem, PausedItem, SincePauseReader, SinceReading } from "../../fleet/since-pause.js";
import { loadKnownChanges } from "./known-changes.js";

/** Loads when automations were paused last, by all that is known here and their lists. */
export async function loadKnownPauses(
  context: Context,
): Promise<<Item extends ListedItem>(items: readonly Item[]) => (Item & PausedItem)[]> {
  const changesOf = await loadKnownChanges(context, { isWhole: false });
  return (items) =>
    items.map((item) => ({ ...item, pausedMs: lastPausedMs(item.automation, changesOf(item)) }));
}

/** Reads runs since these pauses; loads nothing where nothing is paused that ever ran. */
export async function readSincePause<Item extends ListedItem>(
  context: Context,
  items: readonly Item[],
  { reader, ...options }: { reader: SincePauseReader; signal: AbortSignal; most?: number },
): Promise<SinceReading<Item>> {
  const mayHaveRun = items.filter(
    ({ automation: { enabled, last_run_at } }) => enabled === false && last_run_at,
  );
  if (mayHaveRun.length === 0) return { since: new Map(), unreadable: [], skipped: 0 };
  return reader.read((await loadKnownPauses(context))(mayHaveRun), options);
}
