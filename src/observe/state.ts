import type { Automation } from "../api/types.js";

/** An automation's states, in the order in which the first that holds is said. */
const automationStates = ["unexpected", "paused", "waiting", "failing", "overdue", "enabled"] as const;

export type AutomationState = (typeof automationStates)[number];

/** Milliseconds that a run may be late by default, in every view. */
export const usualGraceMs = 15 * 60_000;

/** Facts that a list item doesn't have; where one isn't known, the state is silent about it. */
export interface StateFacts {
  /** Its schedule started a run although it is paused. */
  isUnexpected?: boolean | undefined;
  /** The time since which a run is due (`overdueSinceMs`). */
  dueMs?: number | undefined;
}

/** The one word for how an automation is; undefined where the API doesn't say whether it is enabled. */
export function stateOf(
  { enabled, last_run_status: last }: Pick<Automation, "enabled" | "last_run_status">,
  { isUnexpected, dueMs }: StateFacts = {},
): AutomationState | undefined {
  const holds: Record<AutomationState, boolean> = {
    unexpected: isUnexpected === true,
    paused: enabled === false,
    waiting: last === "waiting_on_human",
    failing: last === "error",
    overdue: dueMs !== undefined,
    enabled: enabled === true,
  };
  return automationStates.find((state) => holds[state]);
}
