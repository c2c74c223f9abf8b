import type { Candidate } from "../../../../incident/scope.js";
import type { DeploymentPlan, Task } from "../../../../manifest/plan/fleet-plan.js";
import type { PlanItem } from "../../../../manifest/plan/plan-item.js";
import { messageOf } from "../../../../report.js";
import { type FleetRow, itemRow } from "../../../fleet/rows.js";

export function taskSubject({ target, change }: Pick<Task, "target" | "change">): Candidate {
  return {
    deployment_id: target.deployment_id,
    deployment_name: target.name,
    customer_id: target.customer_id,
    automation_id: change.automation_id ?? "",
    name: change.name,
  };
}

/** The row of what isn't sent: unchanged, skipped or failed. */
export function restRow(
  { target, error }: Pick<DeploymentPlan, "target" | "error">,
  change: PlanItem,
): FleetRow {
  const row = itemRow(taskSubject({ target, change }));
  const why = change.error ?? (error === undefined ? undefined : messageOf(error));
  if (why !== undefined) return { ...row, result: "failed", error: why };
  if (change.action === "unchanged") return { ...row, result: "unchanged" };
  return { ...row, result: "skipped", reason: change.reason };
}
