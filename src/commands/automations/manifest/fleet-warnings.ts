import { setImmediate as nextTurn } from "node:timers/promises";
import type { Desired } from "../../../manifest/desired.js";
import { inOrder, Oddities, type Warning } from "../../../manifest/warnings.js";
import type { Wish } from "../../../manifest/wishes.js";
import { type PlannedFleet, peakWarnings } from "./made-peaks.js";

/** What is odd about what is wanted of a selection; between deployments other work goes on. */
export async function lookAtWishes(
  wishes: readonly Wish[],
  { includes, now }: Pick<PlannedFleet, "includes" | "now">,
): Promise<Warning[]> {
  const odd = new Oddities(now);
  // What is wanted alike in all deployments is looked at once.
  const included = new Map<Desired, Desired>();
  for (const { target, desired } of wishes) {
    const chosen = included.get(desired) ?? withItems(desired, includes);
    included.set(desired, chosen);
    odd.look({ target, desired: chosen });
    await nextTurn();
  }
  return odd.warnings;
}

function withItems(desired: Desired, includes: PlannedFleet["includes"]): Desired {
  const items = desired.items.filter(({ automationId = "", name }) =>
    includes({ automation_id: automationId, name }),
  );
  return { ...desired, items };
}

/** With the peaks that the plans leave. */
export function withPeaks(warnings: readonly Warning[], fleet: PlannedFleet): Warning[] {
  return inOrder([...warnings, ...peakWarnings(fleet)]);
}
