import { fieldColumns } from "../../../output/table/field-columns.js";
import type { Column } from "../../../output/table.js";
import { type AutomationRow, automationFields, deploymentColumn, rowJson } from "./columns.js";

/** Columns that `--columns` and `--sort` take besides: the fields of JSON, and of one deployment its column. */
export function extraAutomationColumns(
  now: Date,
  { withDeployment }: { withDeployment: boolean },
): Column<AutomationRow>[] {
  const fields = fieldColumns<AutomationRow>(automationFields, {
    now,
    fieldOf: (row, name) => rowJson(row)[name],
  });
  return withDeployment ? fields : [deploymentColumn, ...fields];
}
