import type { Automation, AutomationRef } from "../api/types.js";
import { textOfError } from "../errors/cli-errors.js";
import { type Presence, presenceIn } from "../fleet/presence.js";
import type { DeploymentReading } from "../fleet/read-fleet.js";
import { itemKey } from "../fleet/refs.js";
import type { SincePause } from "../runs/unexpected.js";
import { isPausedByIncident, type LedgerItem, type LedgerState } from "./ledger-state.js";
import { isHeld } from "./owners.js";
import { type FleetItem, fleetItems } from "./pause-plan.js";
import { strangerReason, wasBroughtBack } from "./resume-plan.js";
import { scopeTest } from "./scope.js";

/** `paused before`: already paused when the incident started. */
type ItemState =
  | "paused"
  | "paused before"
  | "resumed"
  | "skipped"
  | "gone"
  | "enabled"
  | "failed"
  | "unknown";

export interface CheckedItem extends AutomationRef {
  name: string | null;
  /** Null if it was created since the incident's last read, or if the API doesn't report it. */
  was_enabled: boolean | null;
  state: ItemState;
  reason?: string;
  since?: SincePause | undefined;
}

/** The state of an incident's whole scope according to the server or, without `checkedAt`, only to the ledger. */
export interface IncidentCheck {
  checkedAt: Date | undefined;
  items: CheckedItem[];
  unreadable: DeploymentReading[];
  /** The number of automations in the scope that are missing from the ledger. */
  newSince: number;
  running: number;
  runsUnread: number;
  /** How many were resumed by ref, while others are paused and the incident's own resume hasn't started. */
  resumedByRef: number;
}

interface CheckInput {
  readings: readonly DeploymentReading[];
  runs?: Pick<IncidentCheck, "running" | "runsUnread">;
  /** Runs since the pause, by `<deployment>/<automation>`. */
  since?: ReadonlyMap<string, SincePause>;
  at: Date;
}

/** Returns the current automations in an incident's scope: those in its ledger, and those created since. */
export function scopeItems(state: LedgerState, readings: readonly DeploymentReading[]): FleetItem[] {
  const tests = state.scopes.map(scopeTest);
  return fleetItems(readings).filter(
    (item) => state.items.has(itemKey(item)) || tests.some((covers) => covers(item)),
  );
}

export function checkIncident(state: LedgerState, { readings, runs, since, at }: CheckInput): IncidentCheck {
  const unreadable = readings.filter(({ error }) => error !== undefined);
  const presenceOf = presenceIn(readings);
  const known = [...state.items.values()].map((item) => checkedNow(item, presenceOf(item.line)));
  const fresh = scopeItems(state, readings).filter((item) => !state.items.has(itemKey(item)));
  return {
    checkedAt: at,
    items: [...known, ...fresh.map(freshItem)].map((item) => ({ ...item, since: since?.get(itemKey(item)) })),
    unreadable,
    newSince: fresh.length,
    resumedByRef: countByRef(state, known),
    ...(runs ?? { running: 0, runsUnread: 0 }),
  };
}

export function recallIncident(state: LedgerState): IncidentCheck {
  const items = [...state.items.values()].map((item) => checkedItem(item, stateInLedger(item)));
  return {
    checkedAt: undefined,
    items,
    unreadable: [],
    newSince: 0,
    running: 0,
    runsUnread: 0,
    resumedByRef: 0,
  };
}

function countByRef(state: LedgerState, known: readonly CheckedItem[]): number {
  const isResuming = [...state.items.values()].some(({ resume }) => resume === "done");
  if (isResuming || !known.some((item) => item.state === "paused")) return 0;
  const isByRef = (item: CheckedItem) => state.items.get(itemKey(item))?.isResumedByRef === true;
  return known.filter((item) => item.state === "resumed" && isByRef(item)).length;
}

export function countEnabled({ items }: IncidentCheck): number {
  return items.filter(({ state }) => state === "enabled" || state === "failed").length;
}

export function countUnexpected({ items }: Pick<IncidentCheck, "items">): number {
  return items.reduce((sum, { since }) => sum + (since?.unexpected.length ?? 0), 0);
}

/**
 * True if no automation is enabled or ran by its schedule, and none is unreadable or unknown, including its runs;
 * automations that the incident itself resumed don't count, and after that, those resumed by ref don't either.
 */
export function isContained(check: IncidentCheck): boolean {
  const isKnown = check.items.every(({ state }) => state !== "unknown");
  const isStill = countEnabled(check) + countUnexpected(check) + check.resumedByRef === 0;
  return isStill && isKnown && check.unreadable.length === 0 && check.runsUnread === 0;
}

/** True if the presence of all its automations is known, and none is still paused. */
export function isIncidentOver(state: LedgerState, { items, checkedAt }: IncidentCheck): boolean {
  if (checkedAt === undefined) return false;
  const states = new Map(items.map((item) => [itemKey(item), item.state]));
  return [...state.items].every(([key, item]) => {
    const now = states.get(key) ?? "unknown";
    if (!isPausedByIncident(item) && item.line.was_enabled !== null)
      return now !== "paused" && now !== "unknown";
    return ["resumed", "enabled", "failed", "gone"].includes(now);
  });
}

function checkedNow(item: LedgerItem, presence: Presence): CheckedItem {
  if (presence.is === "unknown") {
    const { error } = presence;
    return {
      ...checkedItem(item, "unknown"),
      ...(error === undefined ? {} : { reason: textOfError(error) }),
    };
  }
  if (presence.is === "not there") return checkedItem(item, "gone");
  return checkedItem(item, stateOf(item, presence.automation));
}

function stateOf(item: LedgerItem, automation: Automation): ItemState {
  const { enabled } = automation;
  if (enabled === true) {
    if (wasBroughtBack(item)) return "resumed";
    return item.pause === "failed" ? "failed" : "enabled";
  }
  if (enabled !== false) return "unknown";
  if (item.line.was_enabled === false) return "paused before";
  return !isHeld(item, automation) || item.resume === "paused" ? "skipped" : "paused";
}

function stateInLedger(item: LedgerItem): ItemState {
  if (item.line.was_enabled === false) return "paused before";
  if (item.resume === "done" || item.isResumedByRef) return "resumed";
  if (item.resume === "enabled") return "enabled";
  if (item.resume === "sent" || item.resume === "unknown") return "unknown";
  if (item.pause === "done") return item.resume === "paused" ? "skipped" : "paused";
  if (item.pause === "failed") return "failed";
  return item.pause === "none" || item.pause === "skipped" ? "enabled" : "unknown";
}

function checkedItem(item: LedgerItem, state: ItemState): CheckedItem {
  const { deployment_id, automation_id, name, was_enabled } = item.line;
  return { deployment_id, automation_id, name, was_enabled, state, reason: reasonOf(item, state) };
}

/** Returns the explanation of the current state: the ledger's reason, or a resume by ref. */
function reasonOf(item: LedgerItem, state: ItemState): string | undefined {
  const { reason } = item;
  if (item.line.was_enabled === null && state !== "failed") return strangerReason(item);
  switch (state) {
    case "failed":
      return reason;
    case "unknown":
      return item.pause === "unknown" || item.resume === "unknown" ? reason : undefined;
    case "enabled":
      return item.resume === "enabled" ? reason : undefined;
    case "skipped":
      return strangerReason(item) ?? reason;
    case "resumed":
      return item.isResumedByRef ? "by ref" : undefined;
    default:
      return undefined;
  }
}

function freshItem({ deployment_id, automation_id, name = null, automation }: FleetItem): CheckedItem {
  const { enabled } = automation;
  const state = typeof enabled !== "boolean" ? "unknown" : enabled ? "enabled" : "paused";
  return { deployment_id, automation_id, name, was_enabled: null, state };
}
