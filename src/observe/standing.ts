import type { Automation } from "../api/types.js";
import { schedulesEqual } from "../schedule/equal.js";
import type { Span } from "./fires.js";

/** A change of one automation that is known here: from this data folder, or an incident's ledger. */
export interface KnownChange {
  change: "create" | "update" | "pause" | "resume" | "delete";
  /** ms since 1970; by the server's clock where its answer told it. */
  atMs: number;
  /** The incident that it belongs to. */
  incident?: string | undefined;
  /** The automation's `updated_at` right after the change. */
  updatedAt?: string | undefined;
  /** The automation as it was last read before the change, and when. */
  before?:
    | { readMs: number; updatedAt: string | undefined; schedule: string; isEnabled: boolean }
    | undefined;
}

/** A time in which an automation is known to have been paused. */
export interface PausedSpan extends Span {
  incident?: string | undefined;
}

/** What is known of when an automation could fire. */
export interface Standing {
  /** It was enabled with the schedule that it has now, all the time: only here can a fire be missed. */
  enabled: readonly Span[];
  paused: readonly PausedSpan[];
  /** Before that it wasn't there. */
  createdMs: number | undefined;
  /** The last change that the server tells of, its creation too; undefined where it sends no `updated_at`. */
  changedMs: number | undefined;
}

const always = Number.POSITIVE_INFINITY;

/**
 * What the server's times and the changes that are known here prove. `updated_at` moves with every change (src/api/README.md,
 * "Automations"), so since then nothing changed; before it only what a ledger recorded around that very change is known.
 */
export function standingOf(
  automation: Pick<Automation, "enabled" | "schedule" | "created_at" | "updated_at">,
  changes: readonly KnownChange[] = [],
): Standing {
  const createdMs = timeOf(automation.created_at);
  const updatedMs = timeOf(automation.updated_at);
  const changedMs = updatedMs === undefined ? undefined : Math.max(updatedMs, createdMs ?? updatedMs);
  const ordered = changes.toSorted((one, other) => one.atMs - other.atMs);
  const since = changedMs === undefined ? [] : [{ sinceMs: changedMs, untilMs: always }];
  const earlier = provenBefore(automation, ordered);
  return {
    enabled: automation.enabled === true ? [...earlier, ...since] : earlier,
    paused: [...pausedSpans(automation, ordered), ...(automation.enabled === false ? since : [])],
    createdMs,
    changedMs,
  };
}

/**
 * Where the server's last change is one that a ledger knows, by its `updated_at`, what was read right before it holds
 * back to the `updated_at` of that reading; and so on.
 */
function provenBefore(
  { updated_at: now, schedule }: Pick<Automation, "updated_at" | "schedule">,
  ordered: readonly KnownChange[],
): Span[] {
  const spans: Span[] = [];
  let last = now ?? undefined;
  for (let at = ordered.length - 1; at >= 0 && last !== undefined; at -= 1) {
    const { change, updatedAt, before, atMs } = ordered[at] ?? {};
    if (updatedAt !== last || before === undefined) continue;
    const sinceMs = timeOf(before.updatedAt);
    const isSame = before.isEnabled && change !== "update" && schedulesEqual(before.schedule, schedule ?? "");
    if (sinceMs !== undefined && isSame)
      spans.unshift({ sinceMs, untilMs: Math.min(before.readMs, atMs ?? before.readMs) });
    last = before.updatedAt;
  }
  return spans;
}

/** From a pause to the next change that ends it. One that nothing here ended is known to last only if it is paused now. */
function pausedSpans(
  { enabled }: Pick<Automation, "enabled">,
  ordered: readonly KnownChange[],
): PausedSpan[] {
  const spans: PausedSpan[] = [];
  let open: PausedSpan | undefined;
  for (const { change, atMs, incident } of ordered) {
    if (change === "pause") open ??= { sinceMs: atMs, untilMs: always, incident };
    else if (change === "resume" && open !== undefined) {
      spans.push({ ...open, untilMs: atMs });
      open = undefined;
    }
  }
  return open !== undefined && enabled === false ? [...spans, open] : spans;
}

function timeOf(time: string | null | undefined): number | undefined {
  const ms = Date.parse(time ?? "");
  return Number.isNaN(ms) ? undefined : ms;
}
