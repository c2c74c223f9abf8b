import type { Run } from "../api/types.js";
import type { Span } from "./fires.js";
import type { KnownChange } from "./proven-times.js";

/**
 * What became of a fire. `overlapping`: its run met the one before it or the next fire. `unexpected`: it isn't due, its schedule
 * started a run of what is paused.
 */
export type FireResult = "on_time" | "late" | "missed" | "overlapping" | "unknown" | "unexpected";

/** Why a result is `unknown`, with which run one overlaps, or what became of a missed one. */
export type FireReason =
  | UnknownReason
  | MissedReason
  | "may_have_been_enabled"
  | "run_before_still_going"
  | "longer_than_interval";

/** `made_up`: a run started later. `may_still_start`: the platform may do so. Neither: without a run since. */
type MissedReason = "made_up" | "may_still_start";

/** What keeps a fire without a run of its own from being missed, the surest first. */
export type UnknownReason =
  | "paused"
  | "before_oldest_run"
  | "before_last_change"
  | "no_updated_at"
  | "enabled_unknown"
  | "run_not_listed"
  | "run_without_start"
  | "run_without_trigger"
  | "may_be_made_up"
  | "schedule_unreadable"
  | "not_read";

/** A fire that a schedule promised; ms since 1970. */
export interface AuditedFire {
  /** Of an unexpected one when it started. */
  expectedMs: number;
  result: FireResult;
  reason?: FireReason | undefined;
  /** The incident that had paused it. */
  incident?: string | undefined;
  /** What answers it, or, of an unknown one, what may; of a missed one the first that made up for it. */
  run?: Run | undefined;
  startedMs?: number | undefined;
  /** From the fire to the run's start. */
  lateMs?: number | undefined;
}

/** How many fires came to what. */
export type FireCounts = Record<FireResult, number>;

/** From when to when is looked, and by what is judged. */
export interface AuditOptions {
  window: Span;
  /** The server's time. */
  nowMs: number;
  /** A run that starts so much after its fire is on time still. */
  graceMs: number;
  /** What is known here of its changes. */
  changes?: readonly KnownChange[];
}
