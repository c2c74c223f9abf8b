import type { Candidate } from "../../../../incident/scope.js";
import type { DeploymentPlan, Task } from "../../../../manifest/plan/fleet-plan.js";
import type { PlanItem } from "../../../../manifest/plan/plan-item.js";
import { type FleetRow, itemRow } from "../../../../operations/rows/rows.js";
import { messageOf } from "../../../../report.js";
import { whyUnknown } from "../planning/failures.js";

export function taskSubject({ target, planItem }: Pick<Task, "target" | "planItem">): Candidate {
  return {
    deployment_id: target.deployment_id,
    deployment_name: target.name,
    customer_id: target.customer_id,
    automation_id: planItem.automation_id ?? "",
    name: planItem.name,
  };
}

/** The row of what isn't sent: unchanged, skipped or failed. */
export function restRow(
  { target, error }: Pick<DeploymentPlan, "target" | "error">,
  planItem: PlanItem,
): FleetRow {
  const row = itemRow(taskSubject({ target, planItem }));
  const why = planItem.error ?? (error === undefined ? undefined : messageOf(error));
  if (why !== undefined) return { ...row, result: "failed", error: why };
  if (planItem.action === "unknown")
    return { ...row, result: "unknown", error: whyUnknown(planItem), isUnseen: true };
  if (planItem.action === "unchanged") return { ...row, result: "unchanged" };
  return { ...row, result: "skipped", reason: planItem.reason };
}
