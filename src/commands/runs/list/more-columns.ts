import { fieldColumns } from "../../../output/field-columns.js";
import type { Column } from "../../../output/table.js";
import { type RunRow, runJson } from "../../../runs/run-row.js";
import { deploymentColumn, runFields } from "./columns.js";

/** What `--columns` and `--sort` take besides: the names that JSON has, and of one deployment its column. */
export function moreRunColumns(now: Date, { withDeployment }: { withDeployment: boolean }): Column<RunRow>[] {
  const fields = fieldColumns<RunRow>(runFields, {
    now,
    fieldOf: (row, name) =>
      ({ ...runJson(row), customer_id: row.customerId, deployment_name: row.deploymentName })[name],
  });
  return withDeployment ? fields : [deploymentColumn, ...fields];
}
