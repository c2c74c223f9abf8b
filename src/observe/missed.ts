import type { AuditedRun } from "./audited-run.js";

/** Missed runs by what became of them, for `audit` and `catch-up`. */
export interface MissedCounts {
  /** Neither a run since, nor one that may still start: these need a catch-up. */
  withoutRun: number;
  madeUp: number;
  mayStillStart: number;
}

export function countMissed(scheduledRuns: readonly AuditedRun[]): MissedCounts {
  const counts = { withoutRun: 0, madeUp: 0, mayStillStart: 0 };
  for (const { result, reason } of scheduledRuns) {
    if (result !== "missed") continue;
    if (reason === "made_up") counts.madeUp += 1;
    else if (reason === "may_still_start") counts.mayStillStart += 1;
    else counts.withoutRun += 1;
  }
  return counts;
}

export function totalMissed({ withoutRun, madeUp, mayStillStart }: MissedCounts): number {
  return withoutRun + madeUp + mayStillStart;
}

export function sumMissed(each: readonly MissedCounts[]): MissedCounts {
  const sumOf = (key: keyof MissedCounts) => each.reduce((sum, counts) => sum + counts[key], 0);
  return { withoutRun: sumOf("withoutRun"), madeUp: sumOf("madeUp"), mayStillStart: sumOf("mayStillStart") };
}
