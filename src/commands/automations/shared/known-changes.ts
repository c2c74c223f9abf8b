import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Context } from "../../../context/context.js";
import type { ChangesOf } from "../../../incident/ledger-index.js";
import type {
  ListedItem,
  PausedItem,
  RunsReader,
  SinceReading,
} from "../../../operations/rows/runs-reader.js";
import { lastPausedMs } from "../../../runs/unexpected.js";
import { hasHadIncidents } from "./incident-badges.js";

/** Loads the changes known to this data folder and its ledgers; empty if there are none. */
export async function loadKnownChanges(context: Context, how = { ofIncidents: true }): Promise<ChangesOf> {
  if (!existsSync(join(context.settings.dataDir, "history"))) return () => [];
  const { readChangesHere } = await import("../../../operations/sending/read-recent.js");
  return readChangesHere(context, how);
}

/** Loads the last known pause of each automation, from local records and the automations' lists. */
export async function loadKnownPauses(
  context: Context,
): Promise<<Item extends ListedItem>(items: readonly Item[]) => (Item & PausedItem)[]> {
  const here = await loadKnownChanges(context, { ofIncidents: false });
  const badges = hasHadIncidents(context) ? await import("./read-badges.js") : undefined;
  const inIncidents = await badges?.readSwitches(context);
  const changesOf: ChangesOf = (ids) => [...here(ids), ...(inIncidents?.(ids) ?? [])];
  return (items) =>
    items.map((item) => ({ ...item, pausedMs: lastPausedMs(item.automation, changesOf(item)) }));
}

/** Reads the runs since these pauses; loads no code unless a paused automation has ever run. */
export async function readSincePause<Item extends ListedItem>(
  context: Context,
  items: readonly Item[],
  { reader, ...options }: { reader: RunsReader; signal: AbortSignal; most?: number },
): Promise<SinceReading<Item>> {
  const mayHaveRun = items.filter(
    ({ automation: { enabled, last_run_at } }) => enabled === false && last_run_at,
  );
  if (mayHaveRun.length === 0) return { since: new Map(), unreadable: [], skipped: 0 };
  return reader.sincePause((await loadKnownPauses(context))(mayHaveRun), options);
}
