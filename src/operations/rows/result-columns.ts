import { wentWrong } from "../../fleet/outcome.js";
import { counted } from "../../output/count.js";
import type { ColumnPriority } from "../../output/table/layout.js";
import type { Column } from "../../output/table.js";
import { textOrDash } from "../../output/value-text.js";
import type { FleetRow } from "./rows.js";

/** Priorities of result columns: the reason matters most, so ids go first, then names are cut. */
export const resultPriorities: Readonly<
  Record<"deployment" | "name" | "result" | "id" | "why", readonly ColumnPriority[]>
> = {
  deployment: [
    { order: 2, cutTo: 40 },
    { order: 6, cutTo: 14 },
    { order: 8, cutTo: 10 },
    { order: 11, isHidden: true },
  ],
  name: [
    { order: 1, cutTo: 40 },
    { order: 5, cutTo: 17 },
    { order: 9, cutTo: 12 },
    { order: 14, cutTo: 1 },
  ],
  result: [{ order: 13, isHidden: true }],
  id: [{ order: 4, isHidden: true }],
  why: [
    { order: 3, cutTo: 40 },
    { order: 7, cutTo: 24 },
    { order: 10, cutTo: 16 },
    { order: 12, isHidden: true },
  ],
};

/** `Acme`, `Acme, Bolt`, `30 deployments`. */
export function whereText(names: readonly string[], most: number): string {
  return names.length > most ? counted(names.length, "deployment") : names.join(", ");
}

/** Columns of a pipe, in their documented order. */
export const resultColumns: Column<FleetRow>[] = [
  {
    key: "name",
    title: "NAME",
    isName: true,
    cell: ({ name }) => textOrDash(name),
    priorities: resultPriorities.name,
    piped: ({ name, automation_id }) => (automation_id === null ? "" : textOrDash(name)),
  },
  {
    key: "result",
    title: "RESULT",
    cell: ({ result }) => result,
    priorities: resultPriorities.result,
    style: (text, row, style) => (wentWrong(row) ? style.failing(text) : text),
  },
  {
    key: "id",
    title: "ID",
    cell: ({ automation_id, run_id, isOfRun }) => (isOfRun ? run_id : automation_id) ?? "",
    priorities: resultPriorities.id,
  },
  {
    key: "why",
    title: "WHY",
    cell: ({ reason, error, run_id, isOfRun }) => error ?? reason ?? (isOfRun ? "" : (run_id ?? "")),
    priorities: resultPriorities.why,
  },
];

/** Shows the name on a terminal, the id in a pipe. */
export function resultDeploymentColumn<Row extends { deployment_id: string }>(
  names: ReadonlyMap<string, string>,
): Column<Row> {
  return {
    key: "deployment",
    title: "DEPLOYMENT",
    isName: true,
    cell: ({ deployment_id }) => names.get(deployment_id) ?? deployment_id,
    priorities: resultPriorities.deployment,
    piped: ({ deployment_id }) => deployment_id,
  };
}
