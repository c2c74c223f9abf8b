import { msOf } from "../api/schema.js";
import { itemKey } from "../fleet/refs.js";
import { isOwn, type LedgerItem, type LedgerState } from "./ledger-state.js";
import { pausedTime } from "./owners.js";
import type { FleetItem } from "./pause-plan.js";

export interface PausedFleetItem extends FleetItem {
  /** The server's time from which its schedule should start nothing, in ms since 1970; undefined: unknown. */
  pausedMs: number | undefined;
}

/**
 * Selects those that are paused, each since this incident paused it, found it paused, or last reported its unexpected
 * runs.
 */
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
  const ownMs = isOwn(item) ? pausedTime(item) : undefined;
  const times = ownMs === undefined ? [changedMs, msOf(line.date ?? line.at), msOf(resumedAt)] : [ownMs];
  return Math.max(...[...times, msOf(acknowledged)].filter((ms) => ms !== undefined));
}
