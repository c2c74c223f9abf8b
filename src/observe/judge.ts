import type { AutomationDetail, Run } from "../api/types.js";
import type { AuditedRun, AuditOptions, AuditReason, UnknownReason } from "./audited-run.js";
import type { DueTimes, Span } from "./due-times.js";
import { isGoingAt, type Matching, matchRuns, overlappingRuns, startedBy, type TimedRun } from "./match.js";
import { isGraceOver } from "./overdue.js";
import type { ProvenTimes } from "./proven-times.js";

export interface AuditFacts extends AuditOptions {
  proven: ProvenTimes;
  schedule: DueTimes;
  seenFromMs: number | undefined;
  timed: readonly TimedRun[];
  unexpected: readonly Run[];
}

/** The time for which the platform may still start a missed run. */
const mayStartMs = 3_600_000;

export class Judge {
  readonly #facts: AuditFacts;
  readonly #matching: Matching;
  readonly #overlapping: ReadonlySet<TimedRun>;
  readonly #hasRunWithoutStart: boolean;
  /** The end of the time in which an unlisted run may have started. */
  readonly #unlistedUntilMs: number;

  constructor(automation: AutomationDetail, facts: AuditFacts, timesMs: readonly number[]) {
    this.#facts = facts;
    const { recent_runs: runs, last_run_at: last } = automation;
    const { timed, unexpected } = facts;
    this.#matching = matchRuns(
      timesMs,
      timed.filter(({ run }) => !unexpected.includes(run)),
    );
    this.#overlapping = overlappingRuns(timed);
    this.#hasRunWithoutStart = runs.some((run) => !run.started_at && startedBy(run) !== "manual");
    const newestMs = timed.at(-1)?.startedMs ?? Number.NEGATIVE_INFINITY;
    const lastMs = last ? Date.parse(last) : Number.NEGATIVE_INFINITY;
    this.#unlistedUntilMs = lastMs > newestMs ? lastMs : Number.NEGATIVE_INFINITY;
  }

  judge(expectedMs: number): AuditedRun | undefined {
    const answer = this.#matching.answers.get(expectedMs);
    if (answer !== undefined) return this.#answered(expectedMs, answer);
    if (!isGraceOver(expectedMs, this.#facts)) return undefined;
    const doubt = this.#doubt(expectedMs);
    if (doubt === undefined) return this.#missed(expectedMs);
    const maybe = this.#matching.maybeAnswered.get(expectedMs);
    const facts = maybe === undefined ? { expectedMs } : runFacts(expectedMs, maybe);
    return { ...facts, result: "unknown", reason: doubt, incident: pausedBy(this.#facts.proven, expectedMs) };
  }

  /** Any run that started since makes up for it. */
  #missed(expectedMs: number): AuditedRun {
    const { timed, nowMs } = this.#facts;
    const since = timed.find(({ startedMs }) => startedMs >= expectedMs);
    if (since !== undefined) return { expectedMs, result: "missed", reason: "made_up", run: since.run };
    const mayStart = nowMs - expectedMs <= mayStartMs;
    return { expectedMs, result: "missed", reason: mayStart ? "may_still_start" : undefined };
  }

  #answered(expectedMs: number, answer: TimedRun): AuditedRun {
    const { graceMs, proven, seenFromMs = Number.POSITIVE_INFINITY } = this.#facts;
    const facts = runFacts(expectedMs, answer);
    const overlap = this.#overlap(expectedMs, answer);
    if (answer.startedMs - expectedMs > graceMs) {
      // Under another schedule, or after a run that isn't known, it would be something else.
      const doubt = this.#changeDoubt(expectedMs, answer.startedMs);
      if (doubt !== undefined)
        return { ...facts, result: "unknown", reason: doubt, incident: pausedBy(proven, expectedMs) };
      if (expectedMs < seenFromMs) return { ...facts, result: "unknown", reason: "before_oldest_run" };
      return { ...facts, result: "late", reason: overlap };
    }
    if (overlap !== undefined) return { ...facts, result: "overlapping", reason: overlap };
    return { ...facts, result: "on_time" };
  }

  /** The reason why a due time without a run isn't missed; undefined where it is. */
  #doubt(dueMs: number): UnknownReason | undefined {
    const { seenFromMs, graceMs } = this.#facts;
    const change = this.#changeDoubt(dueMs, dueMs + graceMs);
    if (change === "paused") return change;
    if (seenFromMs === undefined || dueMs < seenFromMs) return "before_oldest_run";
    if (change !== undefined) return change;
    if (this.#unlistedUntilMs >= dueMs) return "run_not_listed";
    if (this.#hasRunWithoutStart) return "run_without_start";
    if (this.#matching.maybeAnswered.has(dueMs)) return "run_without_trigger";
    return this.#matching.maybeMadeUp.has(dueMs) ? "may_be_made_up" : undefined;
  }

  /** The reason why it isn't known that it was enabled with this schedule throughout; undefined where it is. */
  #changeDoubt(dueMs: number, untilMs: number): UnknownReason | undefined {
    const { enabled, paused, changedMs } = this.#facts.proven;
    // What is due at the very moment of a change may not have been promised any more.
    if (enabled.some((span) => dueMs > span.sinceMs && untilMs <= span.untilMs)) return undefined;
    if (isWithin(paused, dueMs)) return "paused";
    if (changedMs === undefined) return "no_updated_at";
    return dueMs <= changedMs ? "before_last_change" : "enabled_unknown";
  }

  #overlap(dueMs: number, answer: TimedRun): AuditReason | undefined {
    if (this.#overlapping.has(answer)) return "run_before_still_going";
    if (this.#changeDoubt(dueMs, answer.startedMs) !== undefined) return undefined;
    const next = this.#facts.schedule.after(dueMs);
    const isLonger = next !== undefined && next <= this.#facts.nowMs && isGoingAt(answer, next);
    const isChanged = next === undefined || this.#changeDoubt(dueMs, next) !== undefined;
    return isLonger && !isChanged ? "longer_than_interval" : undefined;
  }
}

export function pausedBy({ paused }: ProvenTimes, ms: number): string | undefined {
  return paused.find((span) => span.incident !== undefined && isWithin([span], ms))?.incident;
}

export function isWithin(spans: readonly Span[], ms: number): boolean {
  return spans.some(({ sinceMs, untilMs }) => ms >= sinceMs && ms < untilMs);
}

function runFacts(expectedMs: number, { run, startedMs }: TimedRun) {
  return { expectedMs, run, startedMs, lateMs: Math.max(0, startedMs - expectedMs) };
}
