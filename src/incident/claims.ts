import { msOf } from "../api/door.js";
import { isSameValue } from "../api/same-value.js";
import type { Automation, Run } from "../api/types.js";
import { itemKey } from "../fleet/refs.js";
import type { Touch } from "../fleet/touch.js";
import { incidentKey } from "../history/incident-files.js";
import type { TouchedLine } from "../history/incident-lines.js";
import { hasRunSince, runsSincePause } from "../observe/unexpected.js";
import { instructionsHash } from "./instructions.js";
import { isOwn, type LedgerItem, type LedgerState } from "./ledger-state.js";

/** An open incident that has paused an automation, as far as its ledger knows. */
export interface Claim {
  incident: string;
  item: LedgerItem;
  /** The changes of it outside the incident that were recorded after the pause, in their order. */
  touches: readonly Touch[];
}

/** By `<deployment>/<automation>`. */
export type Claims = ReadonlyMap<string, readonly Claim[]>;

/**
 * What open incidents claim. A pause of one of them isn't a touch for the others: `holderAmong` decides between them, by
 * more than the order in which this machine took things down.
 */
export function claimsOf(states: readonly LedgerState[], touches: readonly Touch[] = []): Claims {
  const claims = new Map<string, Claim[]>();
  for (const state of states) {
    const { incident } = state.head;
    for (const [key, item] of state.items) {
      if (!isOwn(item)) continue;
      const claim: Claim = { incident, item, touches: [] };
      const others = claims.get(key);
      if (others === undefined) claims.set(key, [claim]);
      else others.push(claim);
    }
  }
  for (const state of states) addTouches(claims, { state, touches: touchesSince(state, touches) });
  return claims;
}

function addTouches(
  claims: ReadonlyMap<string, Claim[]>,
  { state, touches }: { state: LedgerState; touches: ReadonlyMap<string, readonly Touch[]> },
): void {
  for (const [key, item] of state.items) {
    const rivals = claims.get(key) ?? [];
    const own = rivals.find((claim) => claim.item === item);
    const isForeign = ({ change, incident }: Touch) =>
      change !== "pause" || !rivals.some((rival) => isOf(incident, rival.incident));
    if (own !== undefined)
      own.touches = [...(item.touched ?? []).map(toTouch), ...(touches.get(key) ?? [])].filter(isForeign);
  }
}

function toTouch({ deployment_id, automation_id, touched, within, at }: TouchedLine): Touch {
  const ids = { deployment_id, automation_id };
  return { ...ids, change: touched, incident: within, at: new Date(at) };
}

function isOf(incident: string | undefined, name: string): boolean {
  return incident !== undefined && incidentKey(incident) === incidentKey(name);
}

/**
 * For each automation the touches after the incident paused it, outside the incident. Order is that of the record; times
 * count only where the pause was sent with another data folder.
 */
function touchesSince(state: LedgerState, touches: readonly Touch[]): Map<string, Touch[]> {
  const found = new Map<string, Touch[]>();
  const pausedHere = new Set<string>();
  for (const touch of touches) {
    const key = itemKey({ deployment_id: touch.deployment_id, automation_id: touch.automation_id });
    if (isOf(touch.incident, state.head.incident)) {
      if (touch.change !== "pause") continue;
      pausedHere.add(key);
      found.delete(key);
    } else if (state.items.has(key)) found.set(key, [...(found.get(key) ?? []), touch]);
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

/** An automation as the server has it, with its recent runs if they were read. */
export interface Current {
  name?: string | null;
  schedule?: string | null;
  enabled?: boolean | null;
  updated_at?: string | null;
  recent_runs?: readonly Run[];
  instructions?: unknown;
}

export interface Leniency {
  /** What was only edited counts as it was left. */
  includesChanged?: boolean;
}

/**
 * Which of several open incidents has a paused automation: the one rule by which a resume brings it back, a pause leaves
 * it and a list marks it, so that it is always one. Who finds it as it was left goes first; then whose recorded
 * `updated_at` is the current one; only where none was sent or recorded, whose pause is the latest.
 */
export function holderAmong(
  claims: readonly Claim[],
  current: Current,
  leniency: Leniency = {},
): Claim | undefined {
  if (current.enabled) return undefined;
  const [first, ...others] = claims;
  if (first === undefined || others.length === 0) return first;
  return others.reduce(
    (holder, claim) => (isBehind(holder, claim, { current, leniency }) ? claim : holder),
    first,
  );
}

interface Situation {
  current: Current;
  leniency: Leniency;
}

function isBehind(one: Claim, other: Claim, situation: Situation): boolean {
  const ranks = rankOf(other, situation);
  for (const [at, rank] of rankOf(one, situation).entries()) {
    const otherRank = ranks[at] ?? 0;
    if (rank !== otherRank) return rank < otherRank;
  }
  return incidentKey(one.incident) < incidentKey(other.incident);
}

function rankOf(claim: Claim, { current, leniency }: Situation): number[] {
  const { line, updated_at, pausedAt } = claim.item;
  return [
    objectionTo(claim, current, leniency) === undefined ? 1 : 0,
    updated_at !== undefined && updated_at === current.updated_at ? 1 : 0,
    pausedTime(claim.item) ?? Date.parse(line.at),
    Date.parse(pausedAt ?? line.at),
  ];
}

/**
 * Why an automation that is paused isn't as its incident left it (src/incident/README.md, "Resuming"); undefined where
 * it is, other incidents left aside. Where no `updated_at` tells, a scheduled run after the pause does.
 */
export function objectionTo(
  claim: Claim,
  current: Current,
  { includesChanged = false }: Leniency = {},
): string | undefined {
  const { item, touches } = claim;
  const edit = editOf(claim, current);
  if (edit !== undefined && !includesChanged) return edit;
  const touch = touches.findLast(({ change }) => change !== "update");
  if (touch !== undefined) return touchReason(touch);
  // An edit moves it too.
  if (edit === undefined && hasOtherTime(item, current))
    return `changed since (updated ${current.updated_at})`;
  if (includesChanged) return undefined;
  const run = scheduledRunAfter(item, current);
  return run === undefined ? undefined : `a scheduled run started after the pause (${run})`;
}

/** What shows that a paused automation was edited, not only changed; undefined where nothing does. */
export function editOf({ item, touches }: Claim, current: Current): string | undefined {
  const { name, schedule } = item.line;
  if (!isSameValue(current.name, name))
    return current.name ? `renamed to ${JSON.stringify(current.name)}` : "the API no longer sends its name";
  if (!isSameValue(current.schedule, schedule))
    return current.schedule
      ? `its schedule is ${JSON.stringify(current.schedule)} now`
      : "the API no longer sends its schedule";
  const touch = touches.at(-1);
  if (touch?.change === "update") return touchReason(touch);
  const hash = instructionsHash(current.instructions);
  if (hash === undefined || item.instructionsHash === undefined || hash === item.instructionsHash)
    return undefined;
  return "its instructions changed";
}

/** Whether only its instructions, which a list doesn't have, can tell if it was edited or otherwise changed. */
export function mayBeEdited(item: LedgerItem, current: Automation): boolean {
  return item.instructionsHash !== undefined && hasOtherTime(item, current);
}

function hasOtherTime({ updated_at }: LedgerItem, { updated_at: now }: Pick<Current, "updated_at">): boolean {
  return updated_at !== undefined && Boolean(now) && now !== updated_at;
}

function touchReason({ change, at, incident }: Touch): string {
  const where = incident === undefined ? "" : ` in incident ${incident}`;
  const when = Number.isNaN(at.getTime()) ? "" : ` at ${at.toISOString()}`;
  return `changed since: ${change}${when}${where}`;
}

/** Whether only its recent runs, which a list doesn't have, can tell if it was enabled after the pause. */
export function mayHaveBeenEnabled(item: LedgerItem, current: Automation): boolean {
  return !isAsPaused(item, current) && hasRunSince(current, pausedTime(item));
}

/** A run that the platform started although it was paused is no sign that somebody enabled it. */
function scheduledRunAfter(item: LedgerItem, current: Current): string | undefined {
  const pausedMs = pausedTime(item);
  if (pausedMs === undefined || isAsPaused(item, current)) return undefined;
  return runsSincePause({ recent_runs: current.recent_runs ?? [] }, pausedMs).unexpected[0]?.run_id;
}

function isAsPaused({ updated_at }: LedgerItem, { updated_at: now }: Pick<Current, "updated_at">): boolean {
  return updated_at !== undefined && updated_at === now;
}

/** When it was paused, by the server's clock if its answer had a date. */
export function pausedTime({ pauseDate, pausedAt }: LedgerItem): number | undefined {
  return msOf(pauseDate ?? pausedAt);
}
