import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Context } from "../../../context.js";
import { itemKey } from "../../../fleet/refs.js";
import type { ChangesOf } from "../../../incident/ledger-index.js";
import type { KnownChange } from "../../../observe/proven-times.js";
import { lastPausedMs } from "../../../observe/unexpected.js";
import type {
  ListedItem,
  PausedItem,
  RunsReader,
  SinceReading,
} from "../../../operations/rows/runs-reader.js";
import { hasHadIncidents } from "./incident-badges.js";

/**
 * Loads the pauses and resumes of automations that this data folder and its ledgers know. `includesEarlier`: of an incident's not
 * only the last, and with the state before.
 */
export async function loadKnownChanges(
  context: Context,
  how: { includesEarlier: boolean },
): Promise<ChangesOf> {
  const here = await changesHere(context, { ofIncidents: how.includesEarlier });
  const inIncidents = await loadIncidentSwitches(context, how);
  return (ids) => [...(here.get(itemKey(ids)) ?? []), ...inIncidents(ids)];
}

/** Loads when incidents switched automations last; nothing where this data folder has never had one. */
async function loadIncidentSwitches(context: Context, how: { includesEarlier: boolean }): Promise<ChangesOf> {
  if (!hasHadIncidents(context)) return () => [];
  const { readSwitches } = await import("./read-badges.js");
  return readSwitches(context, how);
}

/** Reads pauses and resumes by this data folder, by `<deployment>/<automation>`; loads nothing where it has made none. */
async function changesHere(
  { settings }: Context,
  { ofIncidents }: { ofIncidents: boolean },
): Promise<ReadonlyMap<string, KnownChange[]>> {
  if (!existsSync(join(settings.dataDir, "history"))) return new Map();
  const { changeRecordsOf } = await import("../../../history/change-records.js");
  const changes = new Map<string, KnownChange[]>();
  for (const record of changeRecordsOf(settings, { ofIncidents, onlySwitches: true })) {
    const { change, incident, at, servedAt = at, switched } = record;
    const key = itemKey(record);
    const known = changes.get(key) ?? [];
    const atMs = servedAt.getTime();
    const { before, sentAt = at, updated_at } = switched ?? {};
    // The reading was at most a round trip before the sending: both times are by this machine's clock.
    const readMs = atMs - Math.max(0, at.getTime() - sentAt.getTime());
    // Its `updated_at` is enough, and a local server that was reset has another.
    const schedule = before?.updated_at ? undefined : before?.schedule;
    known.push({ change, incident, atMs, before: before && { ...before, schedule, readMs }, updated_at });
    changes.set(key, known);
  }
  return changes;
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
