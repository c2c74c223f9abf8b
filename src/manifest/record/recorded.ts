import type { Desired } from "../desired.js";
import type { AutomationRecord } from "./automation-record.js";

/** What is wanted in a deployment, with the ids that the record has for it. */
export function withRecorded(
  { items, removed }: Desired,
  { record, deploymentId }: { record: AutomationRecord; deploymentId: string },
): Desired {
  const ids = record.idsByName(deploymentId);
  if (ids.size === 0) return { items, removed };
  return {
    items: items.map((item) => ({
      ...item,
      recordedIds: ids.get(item.name),
      formerIds: item.formerly === undefined ? undefined : ids.get(item.formerly),
    })),
    removed: removed.map((removal) => ({ ...removal, recordedIds: ids.get(removal.ref) })),
  };
}
