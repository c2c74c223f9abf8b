import type { Context } from "../../../context/context.js";
import { itemKey } from "../../../fleet/refs.js";
import { readChanges } from "../../../history/read.js";
import type { FleetItem } from "../../../incident/pause-plan.js";
import { isUpToDate, type Replacement, replaceIn, type UpdateRequest } from "./update-request.js";

/**
 * Finds automations that already have the new text because this same replacement was made before, so that a job can be
 * repeated without failing. The text may also come from elsewhere: only the history separates a repeat from a typo.
 */
export function replacedBefore(
  context: Pick<Context, "settings">,
  items: readonly FleetItem[],
  request: UpdateRequest & { replacement: Replacement },
): FleetItem[] {
  const { replacement } = request;
  const maybe = new Map(
    items.filter(({ automation }) => isUpToDate(automation, request)).map((item) => [itemKey(item), item]),
  );
  const found: FleetItem[] = [];
  if (maybe.size === 0) return found;
  for (const { items: changed } of readChanges(context.settings)) {
    for (const { deployment_id, automation_id, result, before, after } of changed) {
      const item = maybe.get(`${deployment_id}/${automation_id}`);
      if (item === undefined || result !== "done" || typeof before?.instructions !== "string") continue;
      if (replaceIn(before.instructions, replacement)?.text !== after?.instructions) continue;
      found.push(item);
      maybe.delete(itemKey(item));
    }
    if (maybe.size === 0) break;
  }
  return items.filter((item) => found.includes(item));
}
