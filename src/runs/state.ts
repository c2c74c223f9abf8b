import type { Automation, Run } from "../api/types.js";

/** The states of an automation; the first one that applies is shown. */
const automationStates = ["unexpected", "waiting", "paused", "failing", "overdue", "enabled"] as const;

export type AutomationState = (typeof automationStates)[number];

/** How late a run may be by default, in ms, in every view. */
export const usualGraceMs = 15 * 60_000;

/** Facts that aren't in a list item; if a fact is unknown, it doesn't affect the state. */
export interface StateFacts {
  /** Its schedule started a run although it is paused. */
  isUnexpected?: boolean | undefined;
  /** The time since which a run has been due (`overdueSinceMs`). */
  dueMs?: number | undefined;
  runs?: readonly Run[] | undefined;
}

/** Its runs, which only some servers include in a list item. */
interface MayHaveRuns {
  recent_runs?: unknown;
}

/** Returns one word for the state of an automation; undefined if the API doesn't say whether it is enabled. */
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

/** Counts the runs that are waiting for an answer, each id once; if its runs weren't read, counts only the last. */
export function waitingRuns(
  { last_run_status: last, recent_runs }: Pick<Automation, "last_run_status"> & MayHaveRuns,
  runs: unknown = recent_runs,
): number {
  const ids = new Set<string>();
  if (Array.isArray(runs))
    for (const { status, run_id } of runs) if (status === "waiting_on_human") ids.add(run_id);
  return Math.max(ids.size, last === "waiting_on_human" ? 1 : 0);
}
