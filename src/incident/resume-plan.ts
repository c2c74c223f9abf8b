import type { Automation, AutomationDetail } from "../api/types.js";
import type { Touch } from "../fleet/touches.js";
import { isOwn, itemKey, type LedgerItem, type LedgerState } from "./ledger-state.js";
import { incidentKey } from "./names.js";

/** What a resume does with one automation of its incident. */
export type ResumeVerdict =
  | { verdict: "resume" }
  /** Brought back by this incident before, and still enabled. */
  | { verdict: "back" }
  /** Left alone: still paused, but not as the incident left it; or enabled by now; or not there any more. */
  | { verdict: "left" | "enabled" | "gone"; reason: string };

export interface Surroundings {
  /** The last change of it that this data folder recorded after the pause, outside the incident. */
  touch: Touch | undefined;
  /** Another open incident that paused it after this one. */
  holder: string | undefined;
}

/** A run that started so long after the pause's answer wasn't already under way when it was answered. */
const graceMs = 1000;

/**
 * Decides whether an automation is still as its incident left it (cli.md, "Pausing in an incident"). `current`: as the
 * server has it, undefined if it isn't there. With its recent runs, a scheduled one after the pause counts too.
 */
export function judgeItem(
  item: LedgerItem,
  current: Automation | AutomationDetail | undefined,
  { touch, holder }: Surroundings,
): ResumeVerdict {
  if (current === undefined) return { verdict: "gone", reason: "deleted" };
  if (current.enabled) {
    return wasBroughtBack(item) ? { verdict: "back" } : { verdict: "enabled", reason: "enabled by now" };
  }
  const stranger = strangerReason(item);
  if (stranger !== undefined) return left(stranger);
  if (holder !== undefined) return left(`paused by incident ${holder} since`);
  const { line } = item;
  if (current.name !== line.name) return left(`renamed to ${JSON.stringify(current.name)}`);
  if (current.schedule !== line.schedule)
    return left(`its schedule is ${JSON.stringify(current.schedule)} now`);
  if (touch !== undefined) return left(touchReason(touch));
  if (item.touched !== undefined) {
    return left(touchReason({ ...item.touched, at: new Date(item.touched.at) }));
  }
  if (item.updatedAt !== undefined && current.updated_at && current.updated_at !== item.updatedAt) {
    return left(`changed since (updated ${current.updated_at})`);
  }
  const run = scheduledRunAfter(item, current);
  if (run !== undefined) return left(`a scheduled run started after the pause (${run})`);
  return { verdict: "resume" };
}

/** Why an automation that is paused isn't the incident's own; undefined where it is. */
export function strangerReason(item: LedgerItem): string | undefined {
  if (isOwn(item)) return undefined;
  if (item.resume === "done") return "paused again since it was brought back";
  if (item.resume === "enabled") return "paused again since it was enabled";
  return "paused, but not by this incident";
}

/** Whether only its recent runs, which a list doesn't have, can tell if it fired after the pause. */
export function mayHaveFired(item: LedgerItem, current: Automation): boolean {
  const pausedMs = pausedTime(item);
  return pausedMs !== undefined && Date.parse(current.last_run_at ?? "") > pausedMs + graceMs;
}

/** The automations that this incident enabled, or meant to when it has to be seen: their state on the server decides. */
export function wasBroughtBack({ resume }: LedgerItem): boolean {
  return resume === "done" || resume === "sent" || resume === "unknown";
}

/** Whether the API sends `updated_at`, without which a change made elsewhere and reverted can't be seen. */
export function seesReverts(items: Iterable<LedgerItem>): boolean {
  for (const item of items) if (isOwn(item) && item.updatedAt === undefined) return false;
  return true;
}

/**
 * For each automation the last touch after the incident paused it, outside the incident. Order is that of the record;
 * times count only where the pause was sent with another data folder.
 */
export function touchesSince(state: LedgerState, touches: readonly Touch[]): Map<string, Touch> {
  const incident = incidentKey(state.head.incident);
  const found = new Map<string, Touch>();
  const pausedHere = new Set<string>();
  for (const touch of touches) {
    const key = itemKey({ deployment_id: touch.deploymentId, automation_id: touch.automationId });
    if (touch.incident !== undefined && incidentKey(touch.incident) === incident) {
      if (touch.change !== "pause") continue;
      pausedHere.add(key);
      found.delete(key);
    } else found.set(key, touch);
  }
  for (const [key, touch] of found) {
    const pausedAt = state.items.get(key)?.pausedAt;
    const isOlder = pausedAt === undefined || touch.at.getTime() <= Date.parse(pausedAt);
    if (!pausedHere.has(key) && isOlder) found.delete(key);
  }
  return found;
}

function left(reason: string): ResumeVerdict {
  return { verdict: "left", reason };
}

function touchReason({ change, at, incident }: Pick<Touch, "change" | "at" | "incident">): string {
  const where = incident === undefined ? "" : ` in incident ${incident}`;
  return `touched since: ${change} at ${at.toISOString()}${where}`;
}

function pausedTime({ pauseDate, pausedAt }: LedgerItem): number | undefined {
  const time = Date.parse(pauseDate ?? pausedAt ?? "");
  return Number.isNaN(time) ? undefined : time;
}

function scheduledRunAfter(item: LedgerItem, current: Automation | AutomationDetail): string | undefined {
  const pausedMs = pausedTime(item);
  const { recent_runs: runs } = current;
  if (pausedMs === undefined || !Array.isArray(runs)) return undefined;
  const run = runs.find(
    ({ trigger, started_at }) => trigger === "schedule" && Date.parse(started_at) > pausedMs + graceMs,
  );
  return run?.run_id;
}
