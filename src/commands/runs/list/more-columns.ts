import { fieldColumns } from "../../../output/table/field-columns.js";
import type { Column } from "../../../output/table.js";
import { type RunRow, runJson } from "../../../runs/run-row.js";
import { runDeploymentColumn, runFields } from "./columns.js";

export function moreRunColumns(now: Date, { withDeployment }: { withDeployment: boolean }): Column<RunRow>[] {
  const fields = fieldColumns<RunRow>(runFields, {
    now,
    fieldOf: (row, name) =>
      ({ ...runJson(row), customer_id: row.customer_id, deployment_name: row.deployment_name })[name],
  });
  return withDeployment ? fields : [runDeploymentColumn, ...fields];
}
