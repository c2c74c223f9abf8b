import { isUnderWay } from "../api/run-status.js";
import { msOf } from "../api/schema.js";
import type { Run } from "../api/types.js";

/** A run that says when it started; ms since 1970. */
export interface TimedRun {
  run: Run;
  startedMs: number;
  /** `undefined`: it is still going, or waits for a human. `unknown`: it is over, and the API doesn't say since when. */
  endedMs: number | "unknown" | undefined;
}

/** Which runs answer which fires. */
export interface Matching {
  /** By the fire's time: the run that it started. */
  answers: ReadonlyMap<number, TimedRun>;
  /** Fires that no run answers, but that a run later than its own fire may have made up for. */
  maybeMadeUp: ReadonlySet<number>;
  /** Fires that are answered only by runs of which the API doesn't say what started them. */
  maybeAnswered: ReadonlyMap<number, TimedRun>;
}

/** A server's clock may cut a start to the second. */
const earlyMs = 1_000;

/** Runs with their times, in the order of their starts; those without a start are left out. */
export function timedRuns(runs: readonly Run[]): TimedRun[] {
  const timed: TimedRun[] = [];
  for (const run of runs) {
    const startedMs = msOf(run.started_at);
    if (startedMs !== undefined) timed.push({ run, startedMs, endedMs: endOf(run) });
  }
  return timed.sort((one, other) => one.startedMs - other.startedMs);
}

function endOf(run: Run): TimedRun["endedMs"] {
  return msOf(run.completed_at) ?? (isUnderWay(run) ? undefined : "unknown");
}

/** Whether a schedule may have started it. The API says `schedule` or `manual`; what else it says, or nothing, is neither. */
export function startedBy({ trigger }: Partial<Run>): "schedule" | "manual" | "unknown" {
  return trigger === "schedule" || trigger === "manual" ? trigger : "unknown";
}

/**
 * A run answers the last fire before its start, so a fire is answered until the next one is due. Of several runs the
 * first is it; the others may have made up for unanswered fires right before that. Manual runs answer nothing. Both lists in their order.
 */
export function matchRuns(firesMs: readonly number[], runs: readonly TimedRun[]): Matching {
  const answers = new Map<number, TimedRun>();
  const maybeAnswered = new Map<number, TimedRun>();
  const extras = new Set<number>();
  let next = 0;
  for (const timed of runs) {
    while ((firesMs[next] ?? Number.POSITIVE_INFINITY) <= timed.startedMs + earlyMs) next += 1;
    const fireMs = firesMs[next - 1];
    const by = startedBy(timed.run);
    if (fireMs === undefined || by === "manual") continue;
    if (by === "unknown") {
      if (!maybeAnswered.has(fireMs)) maybeAnswered.set(fireMs, timed);
    } else if (answers.has(fireMs)) extras.add(fireMs);
    else answers.set(fireMs, timed);
    // A little before it: that may have been the one before, very late.
    if (timed.startedMs < fireMs) extras.add(fireMs);
  }
  return { answers, maybeAnswered, maybeMadeUp: madeUp(firesMs, answers, extras) };
}

function madeUp(
  firesMs: readonly number[],
  answers: ReadonlyMap<number, TimedRun>,
  extras: ReadonlySet<number>,
): Set<number> {
  const found = new Set<number>();
  for (const [at, fireMs] of firesMs.entries()) {
    if (!extras.has(fireMs)) continue;
    for (let before = at - 1; before >= 0; before -= 1) {
      const earlierMs = firesMs[before];
      if (earlierMs === undefined || answers.has(earlierMs)) break;
      found.add(earlierMs);
    }
  }
  return found;
}

/** Runs that started while an earlier one was still going; of those in the order of their starts. */
export function overlappingRuns(runs: readonly TimedRun[]): Set<TimedRun> {
  const found = new Set<TimedRun>();
  let lastEndMs = Number.NEGATIVE_INFINITY;
  for (const run of runs) {
    if (lastEndMs > run.startedMs) found.add(run);
    const endedMs = run.endedMs === "unknown" ? run.startedMs : (run.endedMs ?? Number.POSITIVE_INFINITY);
    lastEndMs = Math.max(lastEndMs, endedMs);
  }
  return found;
}

/** Whether a run is known to be going then. */
export function isGoingAt({ endedMs }: TimedRun, ms: number): boolean {
  return endedMs === undefined || (endedMs !== "unknown" && endedMs > ms);
}
