import { setImmediate as nextTurn } from "node:timers/promises";
import type { Desired } from "../../../../manifest/state/desired.js";
import type { DesiredState } from "../../../../manifest/state/desired-state.js";
import { type Warning, WarningCollector } from "../../../../manifest/warnings.js";

interface Looking {
  includes(automation: { automation_id: string; name: string }): boolean;
  now: Date;
}

/** Warnings about the selected part of the desired states; between deployments other work goes on. */
export async function findWarnings(
  states: readonly DesiredState[],
  { includes, now }: Looking,
): Promise<Warning[]> {
  const odd = new WarningCollector(now);
  // What is wanted alike in all deployments is looked at once.
  const included = new Map<Desired, Desired>();
  for (const { target, desired } of states) {
    const chosen = included.get(desired) ?? withItems(desired, includes);
    included.set(desired, chosen);
    odd.check({ target, desired: chosen });
    await nextTurn();
  }
  return odd.warnings;
}

function withItems(desired: Desired, includes: Looking["includes"]): Desired {
  const items = desired.items.filter(({ name }) => includes({ automation_id: "", name }));
  return { ...desired, items };
}
