import { isFinal, msOf } from "../api/schema.js";
import type { Automation, DeploymentSummary } from "../api/types.js";
import type { DeploymentReading } from "../fleet/read-fleet.js";
import { itemKey } from "../fleet/refs.js";
import type { NewItem } from "../history/change.js";
import type { FoundLine } from "../history/incident-lines.js";
import { isInDoubt, isPausedByIncident, type LedgerItem, type LedgerState } from "./ledger-state.js";
import { type IncidentOwner, type Owners, ownerAmong, pausedTime } from "./owners.js";
import { type Candidate, toCandidate } from "./scope.js";

export interface FleetItem extends Candidate {
  deployment: DeploymentSummary;
  automation: Automation;
}

interface UnchangedItem {
  item: FleetItem;
  /** `skipped`: another incident owns it. */
  result: "unchanged" | "skipped";
  reason: string;
}

export interface PausePlan {
  toPause: FleetItem[];
  unchanged: UnchangedItem[];
  /** This incident's items whose pause had an unknown outcome, and which are now paused. */
  confirmed: FleetItem[];
  unreadable: DeploymentReading[];
}

interface PausePlanInput {
  readings: readonly DeploymentReading[];
  isSelected(candidate: Candidate): boolean;
  state: LedgerState | undefined;
  owners: Owners;
  /** Automations that an unanswered change may still enable, by `<deployment>/<automation>`. */
  mayBeEnabled?: ReadonlySet<string>;
}

export function fleetItems(readings: readonly DeploymentReading[]): FleetItem[] {
  return readings.flatMap(({ deployment, automations }) =>
    automations.map((automation) => ({ ...toCandidate(deployment, automation), deployment, automation })),
  );
}

/** Plans a pause without sending a request. Deployments that couldn't be read are listed, never guessed. */
export function planPause(input: PausePlanInput): PausePlan {
  const { readings, isSelected, state, owners, mayBeEnabled } = input;
  const plan: PausePlan = {
    toPause: [],
    unchanged: [],
    confirmed: [],
    unreadable: readings.filter(({ error }) => error !== undefined),
  };
  for (const item of fleetItems(readings).filter(isSelected)) {
    const key = itemKey(item);
    // If the API doesn't say, the automation may be enabled.
    if (item.automation.enabled !== false || mayBeEnabled?.has(key) === true) {
      plan.toPause.push(item);
      continue;
    }
    const known = state?.items.get(key);
    const holder = ownerAmong(owners.get(key) ?? [], item.automation);
    if (known !== undefined && holder?.item === known && isInDoubt(known)) plan.confirmed.push(item);
    plan.unchanged.push(judgePaused(item, { known, holder }));
  }
  plan.toPause = soonestFirst(plan.toPause);
  return plan;
}

function judgePaused(
  item: FleetItem,
  { known, holder }: { known: LedgerItem | undefined; holder: IncidentOwner | undefined },
): UnchangedItem {
  if (holder !== undefined && holder.item !== known)
    return { item, result: "skipped", reason: `paused by incident ${holder.incident}` };
  if (known !== undefined && isPausedByIncident(known))
    return { item, result: "unchanged", reason: "paused by this incident" };
  return { item, result: "unchanged", reason: "already paused" };
}

/** Lines for automations found paused, unless the ledger contains them. */
export function foundPausedLines(
  { unchanged }: PausePlan,
  { state, at, date }: { state: LedgerState | undefined; at: string; date: string },
): FoundLine[] {
  const found = unchanged.filter(({ item }) => !state?.items.has(itemKey(item)));
  return found.map(({ item }) => {
    const { schedule = null, enabled, updated_at } = item.automation;
    const was = { schedule, was_enabled: enabled ?? null, updated_at: updated_at ?? undefined };
    return { found: true, at, ...identityOf(item), ...was, date };
  });
}

export function pauseItem(item: FleetItem): NewItem {
  const { enabled, schedule, updated_at } = item.automation;
  const switched = { before: { enabled, schedule, updated_at }, after: { enabled: false } };
  return { act: "pause", ...identityOf(item), ...switched };
}

function identityOf({ deployment_id, customer_id = null, automation_id, name = null }: FleetItem) {
  return { deployment_id, customer_id, automation_id, name };
}

export function soonestFirst(items: readonly FleetItem[]): FleetItem[] {
  const timed = items.map((item) => ({
    item,
    ms: msOf(item.automation.next_run_at) ?? Number.MAX_SAFE_INTEGER,
  }));
  return timed.sort((one, other) => one.ms - other.ms).map(({ item }) => item);
}

export function countLastRunsUnderWay(items: readonly FleetItem[]): number {
  return items.filter(({ automation: { last_run_status: last } }) => last && !isFinal(last)).length;
}

interface PausedFleetItem extends FleetItem {
  /** The server's time after which its schedule should start no runs, in ms since 1970; undefined if unknown. */
  pausedMs: number | undefined;
}

/** Selects paused automations, each from its pause, its first read, or the last report of unexpected runs. */
export function pausedItems(state: LedgerState | undefined, items: readonly FleetItem[]): PausedFleetItem[] {
  return items
    .filter(({ automation }) => automation.enabled === false)
    .map((item) => ({ ...item, pausedMs: pausedMsOf(item, state?.items.get(itemKey(item))) }));
}

function pausedMsOf(
  { automation: { updated_at } }: FleetItem,
  item: LedgerItem | undefined,
): number | undefined {
  const changedMs = msOf(updated_at);
  if (item === undefined) return changedMs;
  const { line, resumedAt, acknowledged } = item;
  const ownMs = isPausedByIncident(item) ? pausedTime(item) : undefined;
  const times = ownMs === undefined ? [changedMs, msOf(line.date ?? line.at), msOf(resumedAt)] : [ownMs];
  return Math.max(...[...times, msOf(acknowledged)].filter((ms) => ms !== undefined));
}
