import { statSync } from "node:fs";
import { join } from "node:path";
import { isObject, tryJson } from "../api/json.js";
import { msOf } from "../api/schema.js";
import type { AutomationRef } from "../api/types.js";
import { ignoreErrors } from "../files/file-error.js";
import type { LockOptions } from "../files/lock.js";
import { itemKey } from "../fleet/refs.js";
import type { HistoryStorage } from "../history/folder.js";
import { incidentKey, incidentsFolder, type LedgerLocation } from "../history/incident-files.js";
import type { ApiIdentity, HeadLine } from "../history/incident-lines.js";
import { parseLines } from "../history/parse.js";
import type { KnownChange } from "../runs/proven-times.js";
import { type BrokenIncident, IncidentFolder } from "./incident-folder.js";
import { type Ledger, readLedger, withLedger } from "./ledger.js";
import { isInDoubt, isPausedByIncident, type LedgerItem, type LedgerState } from "./ledger-state.js";
import { type CurrentAutomation, ownerAmong, ownersOf, pausedTime } from "./owners.js";
import { isSameApi } from "./scope.js";

interface IndexedLedger {
  head: HeadLine;
  location: LedgerLocation;
  isOpen: boolean;
  has(item: AutomationRef): boolean;
  changesOf: ChangesOf;
}

/** An entry in an index: when the incident paused it or, as negative numbers, resumed it, in ms since 1970. */
type Entry = readonly [isOwn: boolean, ...switches: number[]];

export type ChangesOf = (item: AutomationRef) => readonly KnownChange[];

type OwnerOf = (item: AutomationRef, current: CurrentAutomation) => HeadLine | undefined;

/** The size in bytes above which an index is faster than the ledger. */
const leastBytes = 128 * 1024;

/**
 * Reads a data folder's open incidents through a small index of each large ledger, which is itself read only if it
 * changed since. `includesClosed`: closed ones too.
 */
export function readIndexedLedgers(
  storage: HistoryStorage,
  { includesClosed = false } = {},
): { held: IndexedLedger[]; broken: BrokenIncident[] } {
  const broken: BrokenIncident[] = [];
  const folder = new IncidentFolder(storage);
  const all = includesClosed ? folder.locations() : folder.openLocations();
  const held = all.flatMap(({ name, ...location }): IndexedLedger[] => {
    try {
      const found = readIndex(storage, location, name) ?? readHeld(storage, location);
      return found.isOpen || includesClosed ? [found] : [];
    } catch (error) {
      broken.push({ name, error });
      return [];
    }
  });
  return { held, broken };
}

/** Reads the ledgers only if two incidents of the API own the same automation. */
export function ownerFinder(
  storage: HistoryStorage,
  { held, api }: { held: readonly IndexedLedger[]; api: ApiIdentity },
): OwnerOf {
  const own = held.filter(({ head }) => isSameApi(head.target, api));
  const states = new Map<string, LedgerState | undefined>();
  const stateOf = ({ location }: IndexedLedger) => {
    if (!states.has(location.path)) states.set(location.path, readLedger(storage.files, location));
    return states.get(location.path) ?? [];
  };
  return (item, current) => {
    if (current.enabled) return undefined;
    const claiming = own.filter((each) => each.has(item));
    if (claiming.length < 2) return claiming[0]?.head;
    const holder = ownerAmong(ownersOf(claiming.flatMap(stateOf)).get(itemKey(item)) ?? [], current);
    return claiming.find(({ head }) => head.incident === holder?.incident)?.head;
  };
}

/** Does what withLedger does, and writes the ledger's index, so that the next reader needn't read it. */
export async function withIndexedLedger<T>(
  storage: HistoryStorage,
  location: LedgerLocation,
  work: (ledger: Ledger) => Promise<T>,
  options: LockOptions,
): Promise<T> {
  const working = async (ledger: Ledger) => {
    const result = await work(ledger);
    await ledger.flush();
    if (ledger.state !== undefined) writeIndex(storage, location, ledger.state);
    return result;
  };
  return withLedger(storage.files, location, working, options);
}

/** Never throws. */
function writeIndex(storage: HistoryStorage, location: LedgerLocation, state: LedgerState): void {
  ignoreErrors(() => {
    const stamp = stampOf(location);
    if (stamp === undefined || stamp.size < leastBytes) return;
    const entries = new Map<string, unknown[]>();
    for (const item of state.items.values()) {
      const { deployment_id, automation_id } = item.line;
      const others = entries.get(deployment_id) ?? [deployment_id];
      entries.set(deployment_id, others);
      others.push([automation_id, ...entryOf(item)]);
    }
    const lines = [...entries.values()].map((each) => JSON.stringify(each));
    const first = JSON.stringify({ ...stamp, isOpen: state.closed === undefined, head: state.head });
    storage.files.write(pathOf(storage, state.head.incident), `${[first, ...lines].join("\n")}\n`);
  });
}

function readHeld(storage: HistoryStorage, location: LedgerLocation): IndexedLedger {
  const state = readLedger(storage.files, location);
  if (state === undefined) throw new Error(`its ledger is no longer at ${location.path}`);
  writeIndex(storage, location, state);
  const { head, closed, items } = state;
  const entry = (ids: AutomationRef): Entry => {
    const item = items.get(itemKey(ids));
    return item === undefined ? [false] : entryOf(item);
  };
  return {
    head,
    location,
    isOpen: closed === undefined,
    has: (item) => entry(item)[0],
    changesOf: (item) => switchesIn(entry(item)),
  };
}

/** Times are by the server's clock if its responses had them. An automation found paused counts as paused. */
function entryOf(item: LedgerItem): Entry {
  const { line, pause, resume, resumedAt, pausedUntil, acknowledged } = item;
  const pausedMs = pause === "done" && line.was_enabled === true ? pausedTime(item) : undefined;
  const mayBeBack = pausedMs !== undefined && (resume === "done" || isInDoubt({ pause: resume }));
  const backMs = mayBeBack ? msOf(resumedAt ?? pausedUntil) : undefined;
  const switches = [pausedMs, backMs && -backMs, msOf(acknowledged)].filter((ms) => ms !== undefined);
  return [isPausedByIncident(item), ...switches];
}

function switchesIn([, ...times]: Entry): KnownChange[] {
  return times.map((ms) => ({ change: ms < 0 ? "resume" : "pause", atMs: Math.abs(ms) }));
}

/** `undefined` if there is none, or if the ledger has changed since. */
function readIndex(
  storage: HistoryStorage,
  location: LedgerLocation,
  name: string,
): IndexedLedger | undefined {
  const stamp = stampOf(location);
  if (stamp === undefined || stamp.size < leastBytes) return undefined;
  const [first = "", ...lines] = (storage.files.read(pathOf(storage, name)) ?? "").split("\n");
  const index = tryJson(first);
  if (!isObject(index) || index.path !== stamp.path || index.size !== stamp.size) return undefined;
  const [head] = parseLines(JSON.stringify(index.head));
  if (index.changed !== stamp.changed || head === undefined || !("incident" in head)) return undefined;
  const byDeployment = new Map(lines.map((line) => [line.slice(2, line.indexOf('"', 2)), line]));
  const known = new Map<string, ReadonlyMap<unknown, Entry>>();
  const entry = ({ deployment_id, automation_id }: AutomationRef) => {
    const entries = known.get(deployment_id) ?? entriesIn(byDeployment.get(deployment_id));
    known.set(deployment_id, entries);
    return entries.get(automation_id) ?? [false];
  };
  return {
    head,
    location,
    isOpen: index.isOpen === true,
    has: (item) => entry(item)[0],
    changesOf: (item) => switchesIn(entry(item)),
  };
}

function entriesIn(line: string | undefined): ReadonlyMap<unknown, Entry> {
  const entries = line === undefined ? [] : tryJson(line);
  return new Map(Array.isArray(entries) ? entries.slice(1).map(([id, ...entry]) => [id, entry]) : []);
}

function stampOf({ path }: LedgerLocation): { path: string; size: number; changed: number } | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? undefined : { path, size: stat.size, changed: stat.mtimeMs };
}

function pathOf(storage: HistoryStorage, name: string): string {
  return join(incidentsFolder(storage), `${incidentKey(name)}.held`);
}
