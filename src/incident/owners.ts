import { isSameValue } from "../api/json.js";
import { msOf } from "../api/schema.js";
import type { Automation, Run } from "../api/types.js";
import { itemKey } from "../fleet/refs.js";
import { type ChangeRecord, elsewhereText, whenAndWho } from "../history/change.js";
import { incidentKey } from "../history/incident-files.js";
import type { ChangedLine } from "../history/incident-lines.js";
import { standingChanges, strangeStamp } from "../runs/last-edit.js";
import { isLeftBy, type KnownChange } from "../runs/proven-times.js";
import { hasRunSince, isRunsEnd, runsSincePause } from "../runs/unexpected.js";
import {
  instructionsHash,
  isPausedByIncident,
  type LedgerItem,
  type LedgerState,
  mayHavePaused,
} from "./ledger-state.js";

export interface IncidentOwner {
  incident: string;
  item: LedgerItem;
  /** Changes made outside the incident and recorded after the pause, in order. */
  changes: readonly ChangeRecord[];
}

export type Owners = ReadonlyMap<string, readonly IncidentOwner[]>;

/**
 * Collects the automations that open incidents own. A pause by one isn't a change for the others: `ownerAmong`
 * decides between them, not only by the order of this machine's records.
 */
export function ownersOf(states: readonly LedgerState[], changes: readonly ChangeRecord[] = []): Owners {
  const owners = new Map<string, IncidentOwner[]>();
  for (const state of states) {
    const { incident } = state.head;
    for (const [key, item] of state.items) {
      if (!mayHavePaused(item)) continue;
      const owner: IncidentOwner = { incident, item, changes: [] };
      const others = owners.get(key);
      if (others === undefined) owners.set(key, [owner]);
      else others.push(owner);
    }
  }
  for (const state of states) addChanges(owners, { state, changes: changesSince(state, changes) });
  return owners;
}

function addChanges(
  owners: ReadonlyMap<string, IncidentOwner[]>,
  { state, changes }: { state: LedgerState; changes: ReadonlyMap<string, readonly ChangeRecord[]> },
): void {
  for (const [key, item] of state.items) {
    const rivals = owners.get(key) ?? [];
    const own = rivals.find((owner) => owner.item === item);
    const isForeign = ({ change, incident }: ChangeRecord) =>
      change !== "pause" || !rivals.some((rival) => isOf(incident, rival.incident));
    if (own !== undefined)
      own.changes = [...(item.outsideChanges ?? []).map(toRecord), ...(changes.get(key) ?? [])].filter(
        isForeign,
      );
  }
}

function toRecord({ deployment_id, automation_id, changed, within, at, by }: ChangedLine): ChangeRecord {
  const ids = { deployment_id, automation_id };
  return { ...ids, change: changed, incident: within, at: new Date(at), by, atMs: Date.parse(at) };
}

function isOf(incident: string | undefined, name: string): boolean {
  return incident !== undefined && incidentKey(incident) === incidentKey(name);
}

/**
 * Groups the changes made outside the incident after its pause, by automation. Goes by their order in the record,
 * and by times only if the pause was sent from another data folder.
 */
function changesSince(state: LedgerState, changes: readonly ChangeRecord[]): Map<string, ChangeRecord[]> {
  const found = new Map<string, ChangeRecord[]>();
  const pausedHere = new Set<string>();
  for (const record of changes) {
    const key = itemKey({ deployment_id: record.deployment_id, automation_id: record.automation_id });
    if (isOf(record.incident, state.head.incident)) {
      if (record.change !== "pause") continue;
      pausedHere.add(key);
      found.delete(key);
    } else if (state.items.has(key)) found.set(key, [...(found.get(key) ?? []), record]);
  }
  for (const [key, each] of found) {
    if (pausedHere.has(key)) continue;
    const pausedMs = Date.parse(state.items.get(key)?.pausedAt ?? "");
    const later = each.filter(({ at }) => at.getTime() > pausedMs);
    if (later.length === 0) found.delete(key);
    else found.set(key, later);
  }
  return found;
}

/** An automation on the server, with its recent runs if they were read. */
export interface CurrentAutomation {
  name?: string | null;
  schedule?: string | null;
  enabled?: boolean | null;
  updated_at?: string | null;
  last_run_at?: string | null;
  recent_runs?: readonly Run[];
  instructions?: string | null;
}

export interface OwnerOptions {
  /** True if an edit alone changes no owner. */
  includesChanged?: boolean;
}

/**
 * Finds which of several open incidents owns a paused automation: the same rule for a resume, a pause and a list. The
 * owner is the incident that finds it as it was left, or else the one whose recorded `updated_at` is current; only if
 * none was sent or recorded, the one that paused it last.
 */
export function ownerAmong(
  owners: readonly IncidentOwner[],
  current: CurrentAutomation,
  options: OwnerOptions = {},
): IncidentOwner | undefined {
  if (current.enabled) return undefined;
  const holding = owners.filter(({ item }) => isHeld(item, current));
  if (holding.length < 2) return holding[0];
  const ranked = holding.map((owner) => ({ owner, ranks: ranksOf(owner, current, options) }));
  return ranked.reduce((one, other) => (isBehind(one.ranks, other.ranks) ? other : one)).owner;
}

type Ranks = readonly (number | string)[];

function isBehind(one: Ranks, other: Ranks): boolean {
  const at = one.findIndex((rank, index) => rank !== other[index]);
  return (one[at] ?? 0) < (other[at] ?? 0);
}

function ranksOf(owner: IncidentOwner, current: CurrentAutomation, options: OwnerOptions): Ranks {
  const { line, pausedAt } = owner.item;
  return [
    objectionTo(owner, current, options) === undefined ? 1 : 0,
    isAsPaused(owner.item, current) ? 1 : 0,
    pausedTime(owner.item) ?? Date.parse(line.at),
    Date.parse(pausedAt ?? line.at),
    incidentKey(owner.incident),
  ];
}

/**
 * Returns the reason why a paused automation isn't as its incident left it (src/incident/README.md, "Resuming");
 * undefined if it is, apart from other incidents.
 */
export function objectionTo(
  owner: IncidentOwner,
  current: CurrentAutomation,
  { includesChanged = false }: OwnerOptions = {},
): string | undefined {
  return whyPausedAgain(owner, current) ?? (includesChanged ? undefined : editOf(owner, current));
}

/** Returns evidence that somebody else enabled it after the pause and paused it again; undefined without any. */
function whyPausedAgain(owner: IncidentOwner, current: CurrentAutomation): string | undefined {
  const record = standingChanges(owner.changes).findLast(({ change }) => change !== "update");
  if (record !== undefined) return changeReason(record);
  return scheduledRunReason(owner, current, msOf(current.updated_at) ?? Number.NEGATIVE_INFINITY);
}

/** Returns the difference from the paused state; without a usable `updated_at`, a later scheduled run is one too. */
export function editOf(owner: IncidentOwner, current: CurrentAutomation): string | undefined {
  const { item, changes } = owner;
  const { name, schedule, date, at } = item.line;
  if (!isSameValue(current.name, name))
    return current.name ? `renamed to ${JSON.stringify(current.name)}` : "the API no longer sends its name";
  if (!isSameValue(current.schedule, schedule))
    return current.schedule
      ? `its schedule is ${JSON.stringify(current.schedule)} now`
      : "the API no longer sends its schedule";
  const hash = item.instructionsHash && instructionsHash(current.instructions);
  const isOtherText = hash !== undefined && hash !== item.instructionsHash;
  const edit = standingChanges(changes).at(-1);
  if (edit !== undefined) return `edited${whenAndWho(edit.at, edit.by)}`;
  if (isOtherText) return `edited since ${date ?? at}`;
  const stamp = strangeStampOf(owner, current);
  const pausedMs = pausedTime(item);
  const changedMs = changes.reduce((last, { atMs }) => Math.max(last, atMs), pausedMs ?? Number.NaN);
  const isOfRun = hash && stamp && isRunsEnd(stamp, current, { pausedMs, changedMs });
  if (!stamp || isOfRun) return scheduledRunReason(owner, current);
  return elsewhereText(stamp, hash === undefined ? "changed" : "changed and put back");
}

/** Returns an `updated_at` that no known change explains; null if the pause does, undefined if the API sends none. */
export function strangeStampOf({ item, changes }: IncidentOwner, current: CurrentAutomation) {
  return strangeStamp(current, { own: pauseOf(item), since: changes });
}

/** Returns the incident's pause in the history's form. */
function pauseOf(item: LedgerItem): KnownChange {
  const { line, pausedAt = "", lateAt = "", updated_at } = item;
  const atMs = pausedTime(item) ?? Number.NaN;
  const before = { ...line, enabled: true, readMs: atMs };
  // The time of sending is by this machine's clock.
  const lateMs = Date.parse(lateAt) + atMs - Date.parse(pausedAt);
  return { change: "pause", atMs, before, after: { enabled: false }, updated_at, lateMs };
}

/**
 * True if the incident paused it and it wasn't enabled since; also after an answered resume, or an enabled state, if
 * it is still exactly as the pause left it.
 */
export function isHeld(item: LedgerItem, current: CurrentAutomation): boolean {
  return isPausedByIncident(item) || (mayHavePaused(item) && isAsPaused(item, current));
}

function changeReason({ change, at, by, incident }: ChangeRecord): string {
  const where = incident === undefined ? "" : ` in incident ${incident}`;
  return `changed since: ${change}${whenAndWho(at, by)}${where}`;
}

/** True if only its recent runs or instructions, which lists omit, show whether it is as the pause left it. */
export function isInDoubtByList(owner: IncidentOwner, listed: Automation): boolean {
  const stamp = strangeStampOf(owner, listed);
  if (stamp === null) return false;
  const mayBeRunsEnd = stamp !== undefined && owner.item.instructionsHash !== undefined;
  return mayBeRunsEnd || hasRunSince(listed, pausedTime(owner.item));
}

/** A run that the platform started despite the pause doesn't prove that the automation was enabled. */
function scheduledRunReason(
  owner: IncidentOwner,
  current: CurrentAutomation,
  untilMs = Number.POSITIVE_INFINITY,
): string | undefined {
  const pausedMs = pausedTime(owner.item);
  if (pausedMs === undefined || strangeStampOf(owner, current) === null) return undefined;
  const { unexpected } = runsSincePause({ recent_runs: current.recent_runs ?? [] }, pausedMs);
  const run = unexpected.find(({ started_at }) => (msOf(started_at) ?? untilMs) < untilMs);
  return run && `a scheduled run started after the pause (${run.run_id})`;
}

/** True if it has the `updated_at` of the pause, or of an attempt that took effect after it. */
export function isAsPaused(item: LedgerItem, current: CurrentAutomation): boolean {
  const pause = pauseOf(item);
  return isLeftBy(pause, current, [pause]);
}

/** When it was paused, by the server's clock if the response had a date. */
export function pausedTime({ pausedServedAt, pausedAt }: LedgerItem): number | undefined {
  return msOf(pausedServedAt ?? pausedAt);
}
