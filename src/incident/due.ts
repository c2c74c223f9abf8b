import type { LedgerState } from "./ledger-state.js";

/** Whether an incident may be brought back by now. A closed one never may. */
export function isDue(state: LedgerState, now: Date): boolean {
  const at = timeOf(state);
  return at !== undefined && at <= now;
}

/** The one of these that is due next; undefined where no open one has a time. */
export function nextDue(states: readonly LedgerState[]): { state: LedgerState; at: Date } | undefined {
  const timed = states.flatMap((state) => {
    const at = timeOf(state);
    return at === undefined ? [] : [{ state, at }];
  });
  return timed.sort((one, other) => one.at.getTime() - other.at.getTime())[0];
}

function timeOf({ closed, until }: LedgerState): Date | undefined {
  return closed !== undefined || until === undefined ? undefined : new Date(until);
}
