import type { AutomationFields } from "../../api/types.js";
import { NotPossibleError } from "../../errors/cli-errors.js";
import { type ItemResult, isNotReady, UnreadyError } from "../../fleet/outcome.js";
import type { DeploymentTarget } from "../../fleet/selection.js";
import type { DeploymentState } from "../state/deployment-state.js";
import { type PlanOptions, plan } from "./plan.js";
import { isOfLeaving, type PlanItem } from "./plan-item.js";

export interface DeploymentPlan {
  target: DeploymentTarget;
  items: readonly PlanItem[];
  /**
   * Ids of all automations that existed, may exist or have been created since. A create with a lost response is looked
   * for among all others, and the record keeps the lines of these.
   */
  existingIds: Set<string>;
  /** The error that prevents any change in it; its items are then `skipped`. */
  error?: unknown;
  /** True if it isn't ready, or is broken, without that being a failure; its items are `skipped` with a reason. */
  isSkipped: boolean;
  isBroken?: boolean;
  /** True for a recorded deployment that is invisible or can't be read. */
  isUnseen?: boolean;
}

export interface DeploymentPlanOptions extends PlanOptions {
  /** Makes an unready deployment a failure even if a selection found it. */
  isStrict?: boolean | undefined;
  conflictHint: string;
}

/** Plans a deployment; ambiguous names, or a failed read, stop only this deployment. */
export function planDeployment(
  state: DeploymentState,
  { isStrict = false, conflictHint, ...options }: DeploymentPlanOptions,
): DeploymentPlan {
  const { target, desired, actual, unknown = new Map(), error } = state;
  const existingIds = new Set([...actual.map(({ automation_id }) => automation_id), ...unknown.keys()]);
  if (error !== undefined) {
    const isSkipped = isNotReady(error) && !isStrict && !target.isNamed;
    const isBroken = error instanceof UnreadyError && error.isBroken;
    const status = isBroken ? "deployment broken (status: error)" : "deployment not ready";
    const reason = isSkipped ? status : undefined;
    const items = desired.items
      .filter(({ name }) => options.includes?.({ automation_id: "", name }) ?? true)
      .map(({ name, position }): PlanItem => ({ action: "skipped", name, position, reason }));
    return { target, items, existingIds, isSkipped, isBroken, error: isSkipped ? undefined : error };
  }
  const items = plan(desired, actual, { ...options, unknown });
  const conflict = conflictOf({ target, items }, conflictHint);
  return { target, items, existingIds, isSkipped: false, error: conflict };
}

/** The error that stops a whole plan. */
function conflictOf(
  { target, items }: Pick<DeploymentPlan, "target" | "items">,
  hint: string,
): NotPossibleError | undefined {
  const stopped = items.find(({ isCause }) => isCause);
  if (stopped === undefined) return undefined;
  const message = `"${stopped.name}" in ${target.name}: ${stopped.error}; no changes there`;
  return new NotPossibleError(message, { hint });
}

export interface Task extends Pick<DeploymentPlan, "target" | "existingIds"> {
  planItem: PlanItem;
}

export function tasksOf(plans: readonly DeploymentPlan[]): Task[] {
  return plans.flatMap(({ target, items, existingIds }) =>
    items
      .filter((planItem) => isDifference(planItem) && planItem.error === undefined)
      .map((planItem) => ({ target, planItem, existingIds })),
  );
}

export function refusalsOf(plans: readonly DeploymentPlan[]): ItemResult<Task, never>[] {
  const possible = plans.filter(({ error }) => error === undefined);
  return possible.flatMap(({ target, items, existingIds }) =>
    items
      .filter((planItem) => isDifference(planItem) && planItem.error !== undefined)
      .map((planItem) => {
        const error = new NotPossibleError(`"${planItem.name}" in ${target.name}: ${planItem.error}`);
        return { item: { target, planItem, existingIds }, outcome: { result: "failed", error } };
      }),
  );
}

export function isDifference({ action }: PlanItem): boolean {
  return ["create", "update", "rename", "delete", "adopt", "forget"].includes(action);
}

export function fieldsToSend({ changes = {} }: PlanItem): Partial<AutomationFields> {
  const { name, schedule, instructions, enabled } = changes;
  return { name: name?.to, schedule: schedule?.to, instructions: instructions?.to, enabled: enabled?.to };
}

export function fieldsToCreate(planItem: PlanItem): AutomationFields {
  const { name = planItem.name, schedule = "", instructions = "", ...rest } = fieldsToSend(planItem);
  return { name, schedule, instructions, ...rest };
}

const mostOfDeployment = 5;
/** Maximum number of deletions in a run, unless they are a small part of its record. */
const mostOfAll = 20;
const mostShare = 1 / 4;

/**
 * Protects against a truncated manifest: refuses a deployment's changes if it would lose more than 5, or the whole
 * run's if it would lose more than `mostDeletes`, or by default more than 20 and a quarter of the record.
 */
export function guardDeletions(
  plans: readonly DeploymentPlan[],
  { mostDeletes, recorded = 0 }: { mostDeletes?: number | undefined; recorded?: number | undefined },
): { plans: DeploymentPlan[]; refusal?: NotPossibleError } {
  const all = plans.reduce((sum, plan) => sum + countDeletions(plan), 0);
  const allowing = `--max-deletes ${all}`;
  const refuse = (message: string) => ({
    plans: [...plans],
    refusal: new NotPossibleError(`${message}; nothing was changed`, { hint: `to allow this: ${allowing}` }),
  });
  if (mostDeletes !== undefined)
    return all > mostDeletes
      ? refuse(`${all} deletions, over --max-deletes ${mostDeletes}`)
      : { plans: [...plans] };
  if (recorded > 0 && all > mostOfAll && all > recorded * mostShare)
    return refuse(
      `${all} deletions of ${recorded} recorded automations: over ${mostOfAll}, and over a quarter`,
    );
  return { plans: plans.map((plan) => guarded(plan, allowing)) };
}

function guarded(plan: DeploymentPlan, allowing: string): DeploymentPlan {
  const count = countDeletions(plan);
  if (count <= mostOfDeployment) return plan;
  const error = `${count} deletions here, and the limit is ${mostOfDeployment}: ${allowing} allows them`;
  return {
    ...plan,
    items: plan.items.map((item) => (isDifference(item) ? { ...item, error, isCause: true } : item)),
  };
}

function countDeletions({ items }: DeploymentPlan): number {
  return items.filter((item) => item.action === "delete" && item.error === undefined && !isOfLeaving(item))
    .length;
}
