import type { AutomationFields } from "../../../api/types.js";
import { type FieldName, sentFields } from "../../../changes/fields.js";
import { UsageError } from "../../../errors/errors.js";
import type { FleetItem } from "../../../incident/pause-plan.js";
import { type FleetRow, itemRow } from "../../../operations/rows/rows.js";
import {
  differing,
  isAlreadyApplied,
  isUpToDate,
  mismatch,
  replaceIn,
  replacesMore,
  type UpdateRequest,
} from "./request.js";

export interface PlannedItem {
  item: FleetItem;
  changes: Partial<AutomationFields>;
  places: number;
}

interface UpdatePlan {
  toUpdate: PlannedItem[];
  /** Rows that are unchanged; of refs also those that don't match the conditions. */
  rest: FleetRow[];
  wouldReplaceMore: boolean;
}

export function planUpdates(
  items: readonly FleetItem[],
  request: UpdateRequest,
  { isByRefs }: { isByRefs: boolean },
): UpdatePlan {
  const { replacement } = request;
  const plan: UpdatePlan = { toUpdate: [], rest: [], wouldReplaceMore: false };
  const isAgain = isAlreadyApplied(
    items.map(({ automation }) => automation),
    request,
  );
  for (const item of items) {
    const { automation } = item;
    const field = isAgain && isUpToDate(automation, request) ? undefined : mismatch(automation, request);
    const changes = field === undefined ? differing(automation, request) : {};
    if (field !== undefined) {
      const reason =
        field === "schedule" ? "it has another schedule" : "its instructions don't contain the text";
      if (isByRefs) plan.rest.push({ ...itemRow(item), result: "skipped", reason });
    } else if (Object.keys(changes).length === 0) {
      plan.rest.push({ ...itemRow(item), result: "unchanged" });
    } else {
      const replaced = replacement && replaceIn(automation.instructions ?? "", replacement);
      plan.toUpdate.push({ item, changes, places: replaced?.count ?? 0 });
      if (replaced && replacement) plan.wouldReplaceMore ||= replacesMore(replaced.text, replacement);
    }
  }
  return plan;
}

export function refuseSeveralThreads(toUpdate: readonly PlannedItem[]): void {
  const threads = toUpdate.filter(({ changes }) => changes.thread_id !== undefined);
  const places = new Set(threads.map(({ item }) => item.deployment_id)).size;
  if (places > 1)
    throw new UsageError(`a thread belongs to one deployment, and these are in ${places}`, {
      hint: "nothing was changed; update each deployment separately",
    });
}

export function changesOf({
  item: { automation },
  changes,
}: PlannedItem): Partial<Record<FieldName, { from: unknown; to: unknown }>> {
  return Object.fromEntries(
    sentFields(changes).map((field) => [field, { from: automation[field] ?? null, to: changes[field] }]),
  );
}
