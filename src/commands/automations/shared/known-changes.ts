import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Context } from "../../../context.js";
import type { ChangesOf } from "../../../incident/ledger-index.js";
import { lastPausedMs } from "../../../observe/unexpected.js";
import type {
  ListedItem,
  PausedItem,
  RunsReader,
  SinceReading,
} from "../../../operations/rows/runs-reader.js";
import { hasHadIncidents } from "./incident-badges.js";

/**
 * Loads the changes of automations that this data folder and its ledgers know. `includesEarlier`: of an incident's not only the
 * last, and with the state before.
 */
export async function loadKnownChanges(
  context: Context,
  how: { includesEarlier: boolean },
): Promise<ChangesOf> {
  const here = await loadChangesHere(context, { ofIncidents: how.includesEarlier });
  const inIncidents = await loadIncidentSwitches(context, how);
  return (ids) => [...here(ids), ...inIncidents(ids)];
}

/** Loads what this data folder changed; nothing where it has changed nothing. */
async function loadChangesHere(context: Context, how: { ofIncidents: boolean }): Promise<ChangesOf> {
  if (!existsSync(join(context.settings.dataDir, "history"))) return () => [];
  const { readChangesHere } = await import("../../../operations/sending/recent.js");
  return readChangesHere(context, how);
}

/** Loads when incidents switched automations last; nothing where this data folder has never had one. */
async function loadIncidentSwitches(context: Context, how: { includesEarlier: boolean }): Promise<ChangesOf> {
  if (!hasHadIncidents(context)) return () => [];
  const { readSwitches } = await import("./read-badges.js");
  return readSwitches(context, how);
}

/** Loads when automations were paused last, by all that is known here and their lists. */
export async function loadKnownPauses(
  context: Context,
): Promise<<Item extends ListedItem>(items: readonly Item[]) => (Item & PausedItem)[]> {
  const changesOf = await loadKnownChanges(context, { includesEarlier: false });
  return (items) =>
    items.map((item) => ({ ...item, pausedMs: lastPausedMs(item.automation, changesOf(item)) }));
}

/** Reads runs since these pauses; loads nothing where nothing is paused that ever ran. */
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
