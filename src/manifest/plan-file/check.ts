import { isAutomationId, isDeploymentId } from "../../fleet/refs.js";
import { readSchedule } from "../../schedule/read.js";
import type { DeploymentPlan } from "../plan/fleet-plan.js";
import type { PlanItem } from "../plan/plan-item.js";

/**
 * True when plans read from a file are as `writePlan` makes them. An attacker can make a right checksum: what is shown,
 * counted and held must be what is sent.
 */
export function areValid(plans: readonly DeploymentPlan[]): boolean {
  const ids = plans.map(({ target }) => target.deployment_id);
  return areDistinct(ids) && ids.every((id) => isText(id) && isDeploymentId(id)) && plans.every(isValidPlan);
}

function isValidPlan({ items, target }: DeploymentPlan): boolean {
  const ids = items.flatMap(({ automation_id = [] }) => automation_id);
  return isText(target.name) && areDistinct(ids) && items.every(isValidItem);
}

function isValidItem(item: PlanItem): boolean {
  const { action, name, key = "", automation_id, before, changes, stays = automation_id, beside = [] } = item;
  const ids = [automation_id, stays, ...beside].filter((id) => id !== undefined);
  if (
    typeof name !== "string" ||
    typeof key !== "string" ||
    !ids.every((id) => isText(id) && isAutomationId(id))
  )
    return false;
  if (action === "create")
    return (
      automation_id === undefined && before === undefined && isWhole(changes) && changes?.name?.to === name
    );
  if (automation_id === undefined || before === undefined) return false;
  if (action === "delete") return changes === undefined && before.name === name;
  if (action !== "update" && action !== "rename") return false;
  return isSendable(changes) && (changes?.name?.to ?? before.name) === name;
}

function isWhole(changes: PlanItem["changes"]): boolean {
  return isSendable(changes) && changes?.schedule !== undefined && changes.instructions !== undefined;
}

function isSendable(changes: PlanItem["changes"]): boolean {
  const { name, schedule, instructions, enabled } = changes ?? {};
  return (
    [name, schedule, instructions, enabled].some((change) => change !== undefined) &&
    [name, instructions].every((change) => change === undefined || isText(change.to)) &&
    (schedule === undefined || (isText(schedule.to) && readSchedule(schedule.to).ok)) &&
    (enabled === undefined || typeof enabled.to === "boolean")
  );
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value.trim() !== "";
}

function areDistinct(ids: readonly string[]): boolean {
  return new Set(ids).size === ids.length;
}
