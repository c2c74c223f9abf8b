import { isSameInstant, msOf } from "../api/schema.js";
import type { Automation, Run } from "../api/types.js";
import { type FieldName, fieldNames, isSameField } from "../changes/fields.js";
import { openForMs } from "../changes/read-back.js";
import { schedulesEqual } from "../schedule/compare.js";
import { dueTimesOf, earlyMs, type Span, startedBy } from "./match.js";

/** A change to one automation that this data folder, or the ledger of an incident, contains. */
export interface KnownChange {
  change: "create" | "update" | "pause" | "resume" | "delete";
  /** ms since 1970; by the server's clock if its response included the time. */
  atMs: number;
  incident?: string | undefined;
  /** A read from before the change: the fields that it sent, and any others known. */
  before?: EarlierReading | undefined;
  /** The fields that it sent; undefined if it may not have had any effect. */
  after?: { readonly [Field in FieldName]?: unknown } | undefined;
  /** The `updated_at` in the response to the change. */
  updated_at?: string | undefined;
  /** When it was last sent, in ms like `atMs`, if such an attempt may still have an effect up to 16 s later. */
  lateMs?: number | undefined;
  /** The id of its command, and the id of the command that it undid. */
  id?: string | undefined;
  undoes?: string | undefined;
}

export type Reading = { readonly [Field in FieldName | "updated_at"]?: Automation[Field] };

/** An earlier read; ms since 1970. If it doesn't include a field, the change didn't touch that field. */
interface EarlierReading extends Reading {
  readMs: number;
}

interface PausedSpan extends Span {
  incident?: string | undefined;
}

export interface ProvenTimes {
  /** Spans in which it was enabled with its current schedule; only in these can a run have been missed. */
  enabled: readonly Span[];
  paused: readonly PausedSpan[];
  createdMs: number | undefined;
  /** The last change that the server reports, which may be its creation; undefined if there is no `updated_at`. */
  changedMs: number | undefined;
}

const always = Number.POSITIVE_INFINITY;

/**
 * Works out the times that the server and the known changes prove. Every change moves `updated_at` (src/api/README.md,
 * "Automations"), so between that time and a current or earlier read that has it, the automation didn't change.
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
  const earlier = [...enabledBefore(automation, ordered), ...enabledAsKnown(automation, ordered)];
  return {
    enabled: automation.enabled === true ? [...earlier, ...since] : earlier,
    paused: [...pausedSpans(automation, ordered), ...(automation.enabled === false ? since : [])],
    createdMs,
    changedMs,
  };
}

/** True if it is known to have been enabled with this schedule from the due time to `untilMs`. */
export function isEnabledThroughout({ enabled }: ProvenTimes, dueMs: number, untilMs: number): boolean {
  // A run that was due at the exact moment of a change may not have been promised any more.
  return enabled.some((span) => dueMs > span.sinceMs && untilMs <= span.untilMs);
}

/** A `Date` header has no fractions of a second. */
const dateMs = 1_000;

/**
 * True if a read shows what a change left: it has the change's `updated_at`, or equal fields and the `updated_at` of an
 * attempt at an equal change that took effect later.
 */
export function isLeftBy(own: KnownChange, reading: Reading, changes: readonly KnownChange[]): boolean {
  if (isSameInstant(own.updated_at, reading.updated_at)) return true;
  const isLate = ({ change, lateMs = Number.NaN }: KnownChange) => {
    const afterMs = Date.parse(reading.updated_at ?? "") - lateMs;
    return change === own.change && afterMs >= -dateMs && afterMs <= openForMs;
  };
  const left: Reading = { ...own.before, ...(own.after as Reading) };
  const isSame = (field: FieldName) =>
    isSameField(field, left[field] ?? reading[field], reading[field] ?? left[field]) === true;
  return own.after !== undefined && changes.some(isLate) && fieldNames.every(isSame);
}

/**
 * Spans up to earlier reads, each from the `updated_at` in the read. A change from here leads from the `updated_at` in
 * its response back to the one before, with unsent fields unchanged; an incident's pause read the schedule.
 */
function enabledBefore(
  { enabled, schedule, updated_at }: Pick<Automation, "enabled" | "schedule" | "updated_at">,
  ordered: readonly KnownChange[],
): Span[] {
  const spans: Span[] = [];
  const states: Reading[] = [{ enabled, schedule, updated_at }];
  for (const change of ordered.toReversed()) {
    const { atMs, before } = change;
    const sinceMs = msOf(before?.updated_at);
    if (before === undefined || sinceMs === undefined) continue;
    const after = states.findLast((state) => isLeftBy(change, state, ordered));
    const { enabled: isEnabled = after?.enabled, schedule: wasDue = after?.schedule } = before;
    states.push({ enabled: isEnabled, schedule: wasDue, updated_at: before.updated_at });
    // The time of the read is by this machine's clock; that of the later change may be by the server's.
    if (isEnabled === true && wasDue !== undefined && schedulesEqual(wasDue ?? "", schedule ?? ""))
      spans.push({ sinceMs, untilMs: Math.min(before.readMs, atMs) });
  }
  return spans.reverse();
}

/**
 * Spans for an API that sends no `updated_at`: from a resume to the next pause or to now, if no other change is known
 * in between and a read had this schedule.
 */
function enabledAsKnown(
  { enabled, schedule, updated_at }: Pick<Automation, "enabled" | "schedule" | "updated_at">,
  ordered: readonly KnownChange[],
): Span[] {
  if (updated_at) return [];
  let spans: Span[] = [];
  let sinceMs: number | undefined;
  let hasSchedule = false;
  for (const { change, atMs, before, updated_at: became } of ordered) {
    const read = before?.schedule;
    if (read) hasSchedule = schedulesEqual(read, schedule ?? "");
    if (before === undefined || before.updated_at || became || change === "update") hasSchedule = false;
    if (!hasSchedule) spans = [];
    else if (change === "pause" && sinceMs !== undefined && before?.enabled === true)
      spans.push({ sinceMs, untilMs: Math.min(before.readMs, atMs) });
    sinceMs = change === "resume" && hasSchedule ? atMs : undefined;
  }
  return enabled === true && sinceMs !== undefined ? [...spans, { sinceMs, untilMs: always }] : spans;
}

/** Spans from a pause to the change that ends it. A span with no end counts only if the automation is paused now. */
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

interface OverdueOptions {
  nowMs: number;
  graceMs: number;
  changes?: readonly KnownChange[];
}

/**
 * Returns the first due time that no run followed, once its grace is over, if it is known to have been enabled with
 * this schedule since. This is the only rule for overdue runs. A manual run counts: a user asked for it.
 */
export function overdueSinceMs(
  automation: Automation,
  { nowMs, graceMs, changes }: OverdueOptions,
): number | undefined {
  const ranMs = lastRunMs(automation);
  if (ranMs === undefined || automation.enabled !== true) return undefined;
  const times = dueTimesOf(automation.schedule);
  for (const { sinceMs, untilMs } of provenTimes(automation, changes).enabled) {
    const dueMs = times?.after(Math.max(sinceMs, ranMs));
    if (dueMs !== undefined && isGraceOver(dueMs, { nowMs: Math.min(untilMs, nowMs), graceMs })) return dueMs;
  }
  return undefined;
}

/** Returns the first due time after the last known run, whether enabled then or not; nothing earlier is overdue. */
export function firstDueMs(automation: Automation): number | undefined {
  if (automation.enabled !== true) return undefined;
  const ranMs = lastRunMs(automation) ?? 0;
  return dueTimesOf(automation.schedule)?.after(Math.max(ranMs, msOf(automation.created_at) ?? 0));
}

/** Returns the last start, plus a tolerance; undefined if there may be an unknown run, -∞ if there was none. */
function lastRunMs({
  last_run_at: last,
  last_run_status,
  recent_runs: runs,
}: Automation): number | undefined {
  const listed: Run[] = Array.isArray(runs) ? runs : [];
  const lastMs = msOf(last);
  const isLastUnknown =
    lastMs === undefined && (last === undefined || last_run_status) && listed.length === 0;
  const starts = listed.map(({ started_at }) => msOf(started_at));
  if (isLastUnknown || listed.some((run, at) => starts[at] === undefined && startedBy(run) !== "manual"))
    return undefined;
  const known = [lastMs, ...starts].flatMap((ms) => ms ?? []);
  return known.reduce((newest, ms) => Math.max(newest, ms + earlyMs), Number.NEGATIVE_INFINITY);
}

/** True for an hour after it was due, because the platform may still start a run that it missed. */
export function mayStillStart(dueMs: number, nowMs: number): boolean {
  return nowMs - dueMs <= 3_600_000;
}

export function isGraceOver(dueMs: number, { nowMs, graceMs }: { nowMs: number; graceMs: number }): boolean {
  return dueMs + graceMs <= nowMs;
}
