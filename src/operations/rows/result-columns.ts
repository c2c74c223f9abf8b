import { wentWrong } from "../../fleet/outcome.js";
import { column, deploymentColumn, idColumn, nameColumn } from "../../output/columns.js";
import { counted } from "../../output/count.js";
import type { Column } from "../../output/table.js";
import { textOrDash } from "../../output/value-text.js";
import type { FleetRow } from "./rows.js";

/** The steps of result columns: the reason matters most, so ids go first, then names are cut. */
export const resultSteps = {
  deployment: { 2: 40, 6: 14, 8: 10, 11: "hidden" },
  name: { 1: 40, 5: 17, 9: 12, 14: 1 },
  result: { 13: "hidden" },
  id: { 4: "hidden" },
  why: { 3: 40, 7: 24, 10: 16, 12: "hidden" },
} as const;

/** `Acme`, `Acme, Bolt`, `30 deployments`. */
export function whereText(names: readonly string[], most: number): string {
  return names.length > most ? counted(names.length, "deployment") : names.join(", ");
}

/** Columns of a pipe, in their documented order. */
export const resultColumns: Column<FleetRow>[] = [
  nameColumn(({ name }) => textOrDash(name), {
    steps: resultSteps.name,
    piped: ({ name, automation_id }) => (automation_id === null ? "" : textOrDash(name)),
  }),
  column("result", ({ result }) => result, {
    steps: resultSteps.result,
    style: (text, row, style) => (wentWrong(row) ? style.failing(text) : text),
  }),
  idColumn(({ automation_id, run_id, isOfRun }) => (isOfRun ? run_id : automation_id) ?? "", {
    steps: resultSteps.id,
  }),
  column("why", ({ reason, error, run_id, isOfRun }) => error ?? reason ?? (isOfRun ? "" : (run_id ?? "")), {
    steps: resultSteps.why,
  }),
];

export function resultDeploymentColumn<Row extends { deployment_id: string }>(
  names: ReadonlyMap<string, string>,
): Column<Row> {
  return deploymentColumn({
    cell: ({ deployment_id }) => names.get(deployment_id) ?? deployment_id,
    steps: resultSteps.deployment,
  });
}
