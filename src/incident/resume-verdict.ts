import type { Automation, AutomationDetail } from "../api/types.js";
import { isOwn, type LedgerItem } from "./ledger-state.js";
import { editOf, type IncidentOwner, type OwnerOptions, objectionTo, ownerAmong } from "./owners.js";

export type ResumeVerdict =
  | { verdict: "resume"; edit?: string | undefined }
  /** This incident resumed it before, and it is still enabled. */
  | { verdict: "back" }
  /** Skipped: still paused, but not as the incident left it; or enabled again; or deleted. */
  | { verdict: "paused" | "enabled" | "gone"; reason: string };

/**
 * Decides if an automation is still as its incident left it (src/incident/README.md, "Resuming"). `current`: undefined
 * if it no longer exists. `owners`: those in all open incidents, this one included. `includesChanged`: what was only
 * edited is resumed too.
 */
export function judgeResume(
  item: LedgerItem,
  current: Automation | AutomationDetail | undefined,
  { owners, includesChanged = false }: OwnerOptions & { owners: readonly IncidentOwner[] },
): ResumeVerdict {
  if (current === undefined) return { verdict: "gone", reason: "deleted" };
  if (current.enabled) {
    return wasBroughtBack(item)
      ? { verdict: "back" }
      : { verdict: "enabled", reason: "already enabled again" };
  }
  const own = owners.find((owner) => owner.item === item);
  const stranger = strangerReason(item);
  if (stranger !== undefined || own === undefined)
    return skip(stranger ?? "paused, but not by this incident");
  const options = { includesChanged };
  const objection = objectionTo(own, current, options);
  const holder = ownerAmong(owners, current, options);
  const isRivals =
    holder !== undefined && holder !== own && objectionTo(holder, current, options) === undefined;
  if (isRivals) return skip(`paused by incident ${holder.incident} since`);
  return objection === undefined ? { verdict: "resume", edit: editOf(own, current) } : skip(objection);
}

function skip(reason: string): ResumeVerdict {
  return { verdict: "paused", reason };
}

/** The reason why a paused automation isn't the incident's own; undefined where it is. */
export function strangerReason(item: LedgerItem): string | undefined {
  if (isOwn(item)) return undefined;
  if (item.line.was_enabled === null) return "it isn't known whether it was enabled before";
  if (item.resume === "done") return "paused again since it was resumed";
  if (item.resume === "enabled") return "paused again since it was enabled";
  return "paused, but not by this incident";
}

/** True when this incident enabled it, or perhaps did: its state on the server decides. */
export function wasBroughtBack({ resume }: LedgerItem): boolean {
  return resume === "done" || resume === "sent" || resume === "unknown";
}

/** True when the API sends `updated_at`, without which a change made elsewhere and reverted can't be seen. */
export function seesReverts(items: Iterable<LedgerItem>): boolean {
  for (const item of items) if (isOwn(item) && item.updated_at === undefined) return false;
  return true;
}
