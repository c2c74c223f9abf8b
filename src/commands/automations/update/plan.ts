import type { Automation, AutomationFields } from "../../../api/types.js";
import { type FieldName, sentFields } from "../../../changes/fields.js";
import { NotPossibleError, UsageError } from "../../../errors.js";
import type { DeploymentReading } from "../../../fleet/read-fleet.js";
import { itemKey } from "../../../fleet/refs.js";
import type { FleetItem } from "../../../incident/pause-plan.js";
import { groupBy } from "../../../manifest/group-by.js";
import { goesOn, replaceIn } from "./replacement.js";
import { type Conditions, differing, isAsWanted, isDoneAgain, misfit, type WantedUpdate } from "./wanted.js";

export interface PlannedItem {
  item: FleetItem;
  /** As it was read: from a list, or whole where that isn't enough. */
  before: Automation;
  changes: Partial<AutomationFields>;
  /** In how many places a text is replaced. */
  places: number;
}

export interface UpdatePlan {
  toUpdate: PlannedItem[];
  /** It is so already. */
  unchanged: FleetItem[];
  /** A ref named it, and it isn't as the conditions want it. */
  left: { item: FleetItem; reason: string }[];
  /** Those that couldn't be read, and deployments. */
  unread: { item: FleetItem; error: unknown }[];
  unreadable: DeploymentReading[];
  /** So many would go on to change if the replacement were done again. */
  goingOn: number;
}

export interface PlanInput {
  /** What was chosen. */
  items: readonly FleetItem[];
  /** By `itemKey`: what a list doesn't tell. Empty where it tells enough. */
  details: ReadonlyMap<string, Automation>;
  wanted: WantedUpdate;
  conditions: Conditions;
  /** Refs chose: each is told of, also one that the conditions leave out. */
  isByRefs: boolean;
  unread: UpdatePlan["unread"];
  unreadable: UpdatePlan["unreadable"];
}

/** Decides what an update of many does; nothing is sent. */
export function planUpdates(input: PlanInput): UpdatePlan {
  const { items, details, wanted, conditions, isByRefs, unread, unreadable } = input;
  const plan: UpdatePlan = { toUpdate: [], unchanged: [], left: [], unread, unreadable, goingOn: 0 };
  const isUnread = new Set(unread.map(({ item }) => itemKey(item)));
  const read = items
    .filter((item) => !isUnread.has(itemKey(item)))
    .map((item) => ({ item, before: details.get(itemKey(item)) ?? item.automation }));
  const isAgain = isDoneAgain(
    read.map(({ before }) => before),
    { conditions, wanted },
  );
  for (const { item, before } of read) {
    const field = isAgain && isAsWanted(before, wanted) ? undefined : misfit(before, conditions);
    if (field !== undefined) {
      if (isByRefs) plan.left.push({ item, reason: misfitReason(field) });
      continue;
    }
    const changes = differing(before, wanted);
    if (Object.keys(changes).length === 0) plan.unchanged.push(item);
    else plan.toUpdate.push({ item, before, changes, places: placesIn(before, wanted) });
  }
  plan.goingOn = plan.toUpdate.filter(({ changes }) => isGoingOn(changes, wanted)).length;
  return plan;
}

function misfitReason(field: "schedule" | "instructions"): string {
  return field === "schedule" ? "it has another schedule" : "its instructions don't contain the text";
}

function placesIn({ instructions }: Automation, { replacement }: WantedUpdate): number {
  return replacement === undefined ? 0 : (replaceIn(instructions ?? "", replacement)?.count ?? 0);
}

function isGoingOn({ instructions }: Partial<AutomationFields>, { replacement }: WantedUpdate): boolean {
  return replacement !== undefined && instructions !== undefined && goesOn(instructions, replacement);
}

/**
 * Refuses a name that two automations of a deployment would have then, and a thread for several deployments.
 * `everyone`: all that was read there.
 */
export function checkPlan(
  { toUpdate }: UpdatePlan,
  { everyone, nameOf }: { everyone: readonly FleetItem[]; nameOf(deploymentId: string): string },
): void {
  const threads = toUpdate.filter(({ changes }) => changes.thread_id !== undefined);
  const places = new Set(threads.map(({ item }) => item.deployment_id)).size;
  if (places > 1)
    throw new UsageError(`a thread belongs to one deployment, and these are in ${places}`, {
      hint: "nothing was changed; give --thread for each deployment by itself",
    });
  const renamed = toUpdate.filter(({ changes }) => changes.name !== undefined);
  for (const [deploymentId, group] of groupBy(renamed, ({ item }) => item.deployment_id)) {
    const name = group[0]?.changes.name ?? "";
    const called = everyone.filter((item) => item.deployment_id === deploymentId && item.name === name);
    if (group.length + called.length < 2) continue;
    throw new NotPossibleError(
      `${group.length + called.length} automations in ${nameOf(deploymentId)} would be named ${JSON.stringify(name)}`,
      { hint: "nothing was changed; --match or --except leaves all of them but one as they are" },
    );
  }
}

/** Each field that is sent, before and after. */
export function changesOf({
  before,
  changes,
}: Pick<PlannedItem, "before" | "changes">): Partial<Record<FieldName, { from: unknown; to: unknown }>> {
  return Object.fromEntries(
    sentFields(changes).map((field) => [field, { from: before[field] ?? null, to: changes[field] }]),
  );
}
