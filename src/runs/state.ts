import type { Automation, Run } from "../api/types.js";

/** An automation's states; the first that applies is shown. */
const automationStates = ["unexpected", "waiting", "paused", "failing", "overdue", "enabled"] as const;

export type AutomationState = (typeof automationStates)[number];

/** Milliseconds that a run may be late by default, in every view. */
export const usualGraceMs = 15 * 60_000;

/** Facts that a list item lacks; an unknown fact doesn't affect the state. */
export interface StateFacts {
  /** Its schedule started a run although it is paused. */
  isUnexpected?: boolean | undefined;
  /** The time since which a run is due (`overdueSinceMs`). */
  dueMs?: number | undefined;
  runs?: readonly Run[] | undefined;
}

/** Runs, which only some servers include in list items. */
interface MayHaveRuns {
  recent_runs?: unknown;
}

/** Returns one word for an automation's state; undefined if the API doesn't say whether it is enabled. */
export function stateOf(
  automation: Pick<Automation, "enabled" | "last_run_status"> & MayHaveRuns,
  { isUnexpected, dueMs, runs }: StateFacts = {},
): AutomationState | undefined {
  const { enabled, last_run_status: last } = automation;
  const holds: Record<AutomationState, boolean> = {
    unexpected: isUnexpected === true,
    paused: enabled === false,
    waiting:
      last === "waiting_on_human" ||
      (waitingRuns(automation, runs) > 0 && (last !== "error" || enabled === false)),
    failing: last === "error",
    overdue: dueMs !== undefined,
    enabled: enabled === true,
  };
  return automationStates.find((state) => holds[state]);
}

/** Counts the runs waiting for an answer, each id once; only the last run if its runs weren't read. */
export function waitingRuns(
  { last_run_status: last, recent_runs }: Pick<Automation, "last_run_status"> & MayHaveRuns,
  runs: unknown = recent_runs,
): number {
  const ids = new Set<string>();
  if (Array.isArray(runs))
    for (const { status, run_id } of runs) if (status === "waiting_on_human") ids.add(run_id);
  return Math.max(ids.size, last === "waiting_on_human" ? 1 : 0);
}
