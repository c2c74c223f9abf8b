import type { AuditedFire } from "./audited-fire.js";

/** What became of missed runs; `audit` and `catch-up` both count by it. */
export interface MissedCounts {
  /** No run has started since, and the platform starts none any more: a catch-up is for these. */
  withoutRun: number;
  madeUp: number;
  mayStillStart: number;
}

/** Counts the missed ones among audited fires. */
export function countMissed(fires: readonly AuditedFire[]): MissedCounts {
  const counts = { withoutRun: 0, madeUp: 0, mayStillStart: 0 };
  for (const { result, reason } of fires) {
    if (result !== "missed") continue;
    if (reason === "made_up") counts.madeUp += 1;
    else if (reason === "may_still_start") counts.mayStillStart += 1;
    else counts.withoutRun += 1;
  }
  return counts;
}

/** All that were missed. */
export function totalMissed({ withoutRun, madeUp, mayStillStart }: MissedCounts): number {
  return withoutRun + madeUp + mayStillStart;
}

/** What several automations missed together. */
export function sumMissed(each: readonly MissedCounts[]): MissedCounts {
  const sum = { withoutRun: 0, madeUp: 0, mayStillStart: 0 };
  for (const { withoutRun, madeUp, mayStillStart } of each) {
    sum.withoutRun += withoutRun;
    sum.madeUp += madeUp;
    sum.mayStillStart += mayStillStart;
  }
  return sum;
}
