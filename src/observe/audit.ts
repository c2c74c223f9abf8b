import type { AutomationDetail, Run } from "../api/types.js";
import { type FiringSchedule, firingSchedule, type Span } from "./fires.js";
import { type Matching, matchRuns, startedBy, type TimedRun, timedRuns } from "./match.js";
import { isGraceOver } from "./overdue.js";
import { type KnownChange, type ProvenTimes, provenTimes } from "./proven-times.js";

/** What became of a fire. `overlapping`: its run met the one before it or the next fire. */
export type FireResult = "on_time" | "late" | "missed" | "overlapping" | "unknown";

/** Why a result is `unknown`, with which run one overlaps, or what became of a missed one. */
export type FireReason = UnknownReason | MissedReason | "run_before_still_going" | "longer_than_interval";

/** `made_up`: a run started later. `may_still_start`: the platform may do so. Neither: without a run since. */
type MissedReason = "made_up" | "may_still_start";

/** What keeps a fire without a run of its own from being missed, the surest first. */
type UnknownReason =
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

/** What the fires of an automation within a window came to. */
export interface Audit {
  /** Soonest first; of more than `mostFires` the last ones. */
  fires: readonly AuditedFire[];
  /** Of all, those too that aren't among `fires`. */
  counts: FireCounts;
  /** So many fires before those weren't looked at; they are unknown. */
  passedOver: number;
  /** From when on every run is known. Undefined: of none is it known that it is there. */
  seenFromMs: number | undefined;
  /** Set: nothing could be told, and why. */
  problem?: "schedule_unreadable";
}

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

/**
 * The fires of an automation's present schedule within a window, and what became of each (src/observe/README.md). Pure,
 * and never a guess: what its runs, the server's times and the known changes don't prove is `unknown`, with the reason.
 */
export function auditOf(automation: AutomationDetail, options: AuditOptions): Audit {
  const counts = noFires();
  const timed = timedRuns(automation.recent_runs);
  const seenFromMs = seenFrom(automation, timed);
  const schedule = firingSchedule(automation.schedule);
  if (schedule === undefined)
    return { fires: [], counts, passedOver: 0, seenFromMs, problem: "schedule_unreadable" };
  const proven = provenTimes(automation, options.changes);
  const { sinceMs, untilMs } = options.window;
  const window = {
    // What is due at the moment of its creation isn't promised any more.
    sinceMs: Math.max(sinceMs, proven.createdMs === undefined ? sinceMs : proven.createdMs + 1),
    untilMs: Math.min(untilMs, options.nowMs + 1),
  };
  const expected = schedule.within(window);
  const judge = new Judge(automation, { ...options, proven, schedule, seenFromMs, timed }, expected.firesMs);
  const fires: AuditedFire[] = [];
  for (const fireMs of expected.firesMs) {
    const fire = judge.judge(fireMs);
    if (fire === undefined) continue;
    counts[fire.result] += 1;
    fires.push(fire);
  }
  const passedOver = expected.count - expected.firesMs.length;
  counts.unknown += passedOver;
  return { fires, counts, passedOver, seenFromMs };
}

/** Counts to add to. */
export function noFires(): FireCounts {
  return { on_time: 0, late: 0, missed: 0, overlapping: 0, unknown: 0 };
}

/** The oldest run known; the API doesn't say whether there are older ones. One that never ran hides none. */
function seenFrom(
  { recent_runs, last_run_at: last }: AutomationDetail,
  [oldest]: readonly TimedRun[],
): number | undefined {
  if (oldest !== undefined) return oldest.startedMs;
  if (last === null && recent_runs.length === 0) return Number.NEGATIVE_INFINITY;
  return last ? Date.parse(last) + 1 : undefined;
}

interface Facts extends AuditOptions {
  proven: ProvenTimes;
  schedule: FiringSchedule;
  seenFromMs: number | undefined;
  /** Its runs, the oldest first. */
  timed: readonly TimedRun[];
}

/** The platform may start a missed run late: so long nothing makes up for it. */
const mayStartMs = 3_600_000;

class Judge {
  readonly #facts: Facts;
  readonly #matching: Matching;
  /** Runs that started while an earlier one was still going. */
  readonly #overlapping: ReadonlySet<TimedRun>;
  readonly #hasRunWithoutStart: boolean;
  /** Until then a run may have started that isn't listed. */
  readonly #unlistedUntilMs: number;

  constructor(automation: AutomationDetail, facts: Facts, firesMs: readonly number[]) {
    this.#facts = facts;
    const { recent_runs: runs, last_run_at: last } = automation;
    const { timed } = facts;
    this.#matching = matchRuns(firesMs, timed);
    this.#overlapping = overlappingRuns(timed);
    this.#hasRunWithoutStart = runs.some((run) => !run.started_at && startedBy(run) !== "manual");
    const newestMs = timed.at(-1)?.startedMs ?? Number.NEGATIVE_INFINITY;
    const lastMs = last ? Date.parse(last) : Number.NEGATIVE_INFINITY;
    this.#unlistedUntilMs = lastMs > newestMs ? lastMs : Number.NEGATIVE_INFINITY;
  }

  /** Undefined: it is due, and its grace isn't over. */
  judge(expectedMs: number): AuditedFire | undefined {
    const answer = this.#matching.answers.get(expectedMs);
    if (answer !== undefined) return this.#answered(expectedMs, answer);
    if (!isGraceOver(expectedMs, this.#facts)) return undefined;
    const doubt = this.#doubt(expectedMs);
    if (doubt === undefined) return this.#missed(expectedMs);
    const maybe = this.#matching.maybeAnswered.get(expectedMs);
    const facts = maybe === undefined ? { expectedMs } : runFacts(expectedMs, maybe);
    return { ...facts, result: "unknown", reason: doubt, incident: this.#pausedBy(expectedMs) };
  }

  /** Any run that started since makes up for it. */
  #missed(expectedMs: number): AuditedFire {
    const { timed, nowMs } = this.#facts;
    const since = timed.find(({ startedMs }) => startedMs >= expectedMs);
    if (since !== undefined) return { expectedMs, result: "missed", reason: "made_up", run: since.run };
    const mayStart = nowMs - expectedMs <= mayStartMs;
    return { expectedMs, result: "missed", reason: mayStart ? "may_still_start" : undefined };
  }

  #answered(expectedMs: number, answer: TimedRun): AuditedFire {
    const { graceMs, seenFromMs = Number.POSITIVE_INFINITY } = this.#facts;
    const facts = runFacts(expectedMs, answer);
    const overlap = this.#overlap(expectedMs, answer);
    if (answer.startedMs - expectedMs > graceMs) {
      // Under another schedule, or after a run that isn't known, it would be something else.
      const doubt = this.#changeDoubt(expectedMs, answer.startedMs);
      if (doubt !== undefined)
        return { ...facts, result: "unknown", reason: doubt, incident: this.#pausedBy(expectedMs) };
      if (expectedMs < seenFromMs) return { ...facts, result: "unknown", reason: "before_oldest_run" };
      return { ...facts, result: "late", reason: overlap };
    }
    if (overlap !== undefined) return { ...facts, result: "overlapping", reason: overlap };
    return { ...facts, result: "on_time" };
  }

  /** Why a fire without a run isn't missed; undefined where it is. */
  #doubt(fireMs: number): UnknownReason | undefined {
    const { seenFromMs, graceMs } = this.#facts;
    const change = this.#changeDoubt(fireMs, fireMs + graceMs);
    if (change === "paused") return change;
    if (seenFromMs === undefined || fireMs < seenFromMs) return "before_oldest_run";
    if (change !== undefined) return change;
    if (this.#unlistedUntilMs >= fireMs) return "run_not_listed";
    if (this.#hasRunWithoutStart) return "run_without_start";
    if (this.#matching.maybeAnswered.has(fireMs)) return "run_without_trigger";
    return this.#matching.maybeMadeUp.has(fireMs) ? "may_be_made_up" : undefined;
  }

  /** Why it isn't known that the automation was enabled with this schedule from a fire until then; undefined where it is. */
  #changeDoubt(fireMs: number, untilMs: number): UnknownReason | undefined {
    const { enabled, paused, changedMs } = this.#facts.proven;
    // What is due at the very moment of a change may not have been promised any more.
    if (enabled.some((span) => fireMs > span.sinceMs && untilMs <= span.untilMs)) return undefined;
    if (isWithin(paused, fireMs)) return "paused";
    if (changedMs === undefined) return "no_updated_at";
    return fireMs <= changedMs ? "before_last_change" : "enabled_unknown";
  }

  #pausedBy(fireMs: number): string | undefined {
    return this.#facts.proven.paused.find((span) => span.incident !== undefined && isWithin([span], fireMs))
      ?.incident;
  }

  #overlap(fireMs: number, answer: TimedRun): FireReason | undefined {
    if (this.#overlapping.has(answer)) return "run_before_still_going";
    if (this.#changeDoubt(fireMs, answer.startedMs) !== undefined) return undefined;
    const next = this.#facts.schedule.after(fireMs);
    const isLonger = next !== undefined && next <= this.#facts.nowMs && isGoingAt(answer, next);
    const isChanged = next === undefined || this.#changeDoubt(fireMs, next) !== undefined;
    return isLonger && !isChanged ? "longer_than_interval" : undefined;
  }
}

function overlappingRuns(runs: readonly TimedRun[]): Set<TimedRun> {
  const found = new Set<TimedRun>();
  let lastEndMs = Number.NEGATIVE_INFINITY;
  for (const run of runs) {
    if (lastEndMs > run.startedMs) found.add(run);
    const endedMs = run.endedMs === "unknown" ? run.startedMs : (run.endedMs ?? Number.POSITIVE_INFINITY);
    lastEndMs = Math.max(lastEndMs, endedMs);
  }
  return found;
}

function isGoingAt({ endedMs }: TimedRun, ms: number): boolean {
  return endedMs === undefined || (endedMs !== "unknown" && endedMs > ms);
}

function isWithin(spans: readonly Span[], ms: number): boolean {
  return spans.some(({ sinceMs, untilMs }) => ms >= sinceMs && ms < untilMs);
}

function runFacts(expectedMs: number, { run, startedMs }: TimedRun) {
  return { expectedMs, run, startedMs, lateMs: Math.max(0, startedMs - expectedMs) };
}
