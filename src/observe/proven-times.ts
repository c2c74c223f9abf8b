import { msOf } from "../api/schema.js";
import type { Automation } from "../api/types.js";
import { schedulesEqual } from "../schedule/compare.js";
import type { Span } from "./due-times.js";

/** A change of one automation that is known from this data folder, or from an incident's ledger. */
export interface KnownChange {
  change: "create" | "update" | "pause" | "resume" | "delete";
  /** ms since 1970; by the server's clock where its answer said it. */
  atMs: number;
  incident?: string | undefined;
  /** A reading before the change. */
  before?: EarlierReading | undefined;
}

/** An earlier reading; ms since 1970. */
interface EarlierReading extends Pick<Automation, "enabled" | "schedule" | "updated_at"> {
  readMs: number;
}

interface PausedSpan extends Span {
  incident?: string | undefined;
}

export interface ProvenTimes {
  /** Spans in which it was enabled with its present schedule: only here can a run be missed. */
  enabled: readonly Span[];
  paused: readonly PausedSpan[];
  createdMs: number | undefined;
  /** The last change that the server reports, its creation too; undefined where it sends no `updated_at`. */
  changedMs: number | undefined;
}

const always = Number.POSITIVE_INFINITY;

/**
 * Derives what the server's times and the known changes prove. `updated_at` moves with every change (src/api/README.md,
 * "Automations"), so nothing changed between it and the reading that has it: the present one, or an earlier.
 */
export function provenTimes(
  automation: Pick<Automation, "enabled" | "schedule" | "created_at" | "updated_at">,
  changes: readonly KnownChange[] = [],
): ProvenTimes {
  const createdMs = msOf(automation.created_at);
  const updatedMs = msOf(automation.updated_at);
  const changedMs = updatedMs === undefined ? undefined : Math.max(updatedMs, createdMs ?? updatedMs);
  const ordered = changes.toSorted((one, other) => one.atMs - other.atMs);
  const since = changedMs === undefined ? [] : [{ sinceMs: changedMs, untilMs: always }];
  const earlier = ordered.flatMap((change) => provenBefore(change, automation) ?? []);
  return {
    enabled: automation.enabled === true ? [...earlier, ...since] : earlier,
    paused: [...pausedSpans(automation, ordered), ...(automation.enabled === false ? since : [])],
    createdMs,
    changedMs,
  };
}

/** The span up to an earlier reading, from the `updated_at` that it had. */
function provenBefore(
  { atMs, before }: KnownChange,
  { schedule }: Pick<Automation, "schedule">,
): Span | undefined {
  const sinceMs = msOf(before?.updated_at);
  if (before === undefined || sinceMs === undefined || before.enabled !== true) return undefined;
  if (!schedulesEqual(before.schedule ?? "", schedule ?? "")) return undefined;
  // The reading's own time is this machine's: the change, which came after it, may have the server's.
  return { sinceMs, untilMs: Math.min(before.readMs, atMs) };
}

/** Spans from a pause to the next change that ends it. One without an end counts only if it is paused now. */
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
