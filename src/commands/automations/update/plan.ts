import type { AutomationFields } from "../../../api/types.js";
import { type FieldName, sentFields } from "../../../changes/fields.js";
import { NotPossibleError, UsageError } from "../../../errors.js";
import type { FleetItem } from "../../../incident/pause-plan.js";
import type { Candidate } from "../../../incident/scope.js";
import { groupBy } from "../../../manifest/group-by.js";
import { type FleetRow, itemRow } from "../../fleet/rows.js";
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
  /** True when the replacement, done again, would change more. */
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

/**
 * Refuses a name that two automations of a deployment would have, and a thread for several deployments. `everyone`: all
 * that was read there.
 */
export function checkPlan(
  toUpdate: readonly PlannedItem[],
  everyone: readonly Pick<Candidate, "deployment_id" | "name">[],
  nameOf: (deployment_id: string) => string,
): void {
  const threads = toUpdate.filter(({ changes }) => changes.thread_id !== undefined);
  const places = new Set(threads.map(({ item }) => item.deployment_id)).size;
  if (places > 1)
    throw new UsageError(`a thread belongs to one deployment, and these are in ${places}`, {
      hint: "nothing was changed; update each deployment separately",
    });
  const renamed = toUpdate.filter(({ changes }) => changes.name !== undefined);
  for (const [deployment_id, group] of groupBy(renamed, ({ item }) => item.deployment_id)) {
    const name = group[0]?.changes.name ?? "";
    const called = everyone.filter((item) => item.deployment_id === deployment_id && item.name === name);
    if (group.length + called.length < 2) continue;
    throw new NotPossibleError(
      `${group.length + called.length} automations in ${nameOf(deployment_id)} would be named ${JSON.stringify(name)}`,
      { hint: "nothing was changed; choose one with --match or --except" },
    );
  }
}

export function changesOf({
  item: { automation },
  changes,
}: PlannedItem): Partial<Record<FieldName, { from: unknown; to: unknown }>> {
  return Object.fromEntries(
    sentFields(changes).map((field) => [field, { from: automation[field] ?? null, to: changes[field] }]),
  );
}
