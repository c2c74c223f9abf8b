import { statSync } from "node:fs";
import { join } from "node:path";
import { isObject, tryJson } from "../api/json.js";
import { ifPossible } from "../files/file-error.js";
import { itemKey } from "../fleet/refs.js";
import { type Current, claimsOf, holderAmong } from "./claims.js";
import { isSameApi } from "./identity.js";
import { type BrokenIncident, IncidentFolder, type IncidentPlaces } from "./incident-folder.js";
import { type LedgerPlace, readLedger } from "./ledger.js";
import { type ApiIdentity, type HeadLine, parseLine } from "./ledger-lines.js";
import { isOwn, type LedgerState } from "./ledger-state.js";
import { incidentKey } from "./names.js";

/** An open incident, and what it holds as far as it knows. */
interface Held {
  head: HeadLine;
  place: LedgerPlace;
  has(item: Item): boolean;
}

interface Item {
  deployment_id: string;
  automation_id: string;
}

/** Which open incident holds an automation as the server has it. */
type HolderOf = (item: Item, current: Current) => HeadLine | undefined;

/** A smaller ledger is read as fast as an index. */
const leastBytes = 128 * 1024;

/** The open incidents of a data folder, by a small index of each large ledger, which itself is read only where it has changed since. */
export function readHeldLedgers(places: IncidentPlaces): { held: Held[]; broken: BrokenIncident[] } {
  const broken: BrokenIncident[] = [];
  const held = new IncidentFolder(places).openPlaces().flatMap(({ name, ...place }): Held[] => {
    try {
      const found = readHeld(places, place, name);
      return found === undefined ? [] : [found];
    } catch (error) {
      broken.push({ name, error });
      return [];
    }
  });
  return { held, broken };
}

/** Which of these incidents of an API holds an automation. Where two claim it their ledgers are read. */
export function holderOf(
  places: IncidentPlaces,
  { held, api }: { held: readonly Held[]; api: ApiIdentity },
): HolderOf {
  const own = held.filter(({ head }) => isSameApi(head.target, api));
  const states = new Map<string, LedgerState | undefined>();
  const stateOf = ({ place }: Held) => {
    if (!states.has(place.path)) states.set(place.path, readLedger(places.files, place));
    return states.get(place.path) ?? [];
  };
  return (item, current) => {
    if (current.enabled) return undefined;
    const claiming = own.filter((each) => each.has(item));
    if (claiming.length < 2) return claiming[0]?.head;
    const holder = holderAmong(claimsOf(claiming.flatMap(stateOf)).get(itemKey(item)) ?? [], current);
    return claiming.find(({ head }) => head.incident === holder?.incident)?.head;
  };
}

/** Writes the index of a ledger that was changed, so that the next reader needn't read it. Never throws. */
export function indexHeld(places: IncidentPlaces, place: LedgerPlace, state: LedgerState): void {
  ifPossible(() => {
    const stamp = stampOf(place);
    if (stamp === undefined || stamp.size < leastBytes) return;
    const ids = new Map<string, string[]>();
    for (const item of state.items.values()) {
      if (!isOwn(item)) continue;
      const { deployment_id, automation_id } = item.line;
      const others = ids.get(deployment_id);
      if (others === undefined) ids.set(deployment_id, [deployment_id, automation_id]);
      else others.push(automation_id);
    }
    const lines = [...ids.values()].map((each) => JSON.stringify(each));
    const first = JSON.stringify({ ...stamp, isOpen: state.closed === undefined, head: state.head });
    places.files.write(pathOf(places, state.head.incident), `${[first, ...lines].join("\n")}\n`);
  });
}

function readHeld(places: IncidentPlaces, place: LedgerPlace, name: string): Held | undefined {
  const indexed = readIndex(places, place, name);
  if (indexed !== undefined) return indexed.isOpen ? indexed.held : undefined;
  const state = readLedger(places.files, place);
  if (state === undefined) throw new Error(`its ledger isn't at ${place.path} any more`);
  indexHeld(places, place, state);
  if (state.closed !== undefined) return undefined;
  const has = (item: Item) => {
    const known = state.items.get(itemKey(item));
    return known !== undefined && isOwn(known);
  };
  return { head: state.head, place, has };
}

/** Undefined where there is none, or where the ledger is another by now. */
function readIndex(
  places: IncidentPlaces,
  place: LedgerPlace,
  name: string,
): { isOpen: boolean; held: Held } | undefined {
  const stamp = stampOf(place);
  if (stamp === undefined || stamp.size < leastBytes) return undefined;
  const [first = "", ...lines] = (places.files.read(pathOf(places, name)) ?? "").split("\n");
  const index = tryJson(first);
  if (!isObject(index) || index.path !== stamp.path || index.size !== stamp.size) return undefined;
  const head = parseLine(JSON.stringify(index.head));
  if (index.changed !== stamp.changed || head?.type !== "incident") return undefined;
  const byDeployment = new Map(lines.map((line) => [line.slice(2, line.indexOf('"', 2)), line]));
  const known = new Map<string, ReadonlySet<unknown>>();
  const has = ({ deployment_id, automation_id }: Item) => {
    const ids = known.get(deployment_id) ?? idsIn(byDeployment.get(deployment_id));
    known.set(deployment_id, ids);
    return ids.has(automation_id);
  };
  return { isOpen: index.isOpen === true, held: { head, place, has } };
}

function idsIn(line: string | undefined): ReadonlySet<unknown> {
  const ids = line === undefined ? [] : tryJson(line);
  return new Set(Array.isArray(ids) ? ids.slice(1) : []);
}

function stampOf({ path }: LedgerPlace): { path: string; size: number; changed: number } | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? undefined : { path, size: stat.size, changed: stat.mtimeMs };
}

function pathOf({ dataDir }: IncidentPlaces, name: string): string {
  return join(dataDir, "incidents", `${incidentKey(name)}.held`);
}
