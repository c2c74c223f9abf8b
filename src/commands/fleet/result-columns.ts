import { wentWrong } from "../../fleet/outcome.js";
import type { Concession } from "../../output/layout.js";
import type { Column } from "../../output/table.js";
import { told } from "../../output/value-text.js";
import type { FleetRow } from "./rows.js";

/** What columns of results give up, in turn. Why is what they are shown for: ids go first, then names are cut. */
export const resultPriorities: Readonly<
  Record<"deployment" | "name" | "result" | "id" | "why", readonly Concession[]>
> = {
  deployment: [
    { turn: 2, cutTo: 40 },
    { turn: 6, cutTo: 14 },
    { turn: 8, cutTo: 10 },
    { turn: 11, goes: true },
  ],
  name: [
    { turn: 1, cutTo: 40 },
    { turn: 5, cutTo: 17 },
    { turn: 9, cutTo: 12 },
    { turn: 14, cutTo: 1 },
  ],
  result: [{ turn: 13, goes: true }],
  id: [{ turn: 4, goes: true }],
  why: [
    { turn: 3, cutTo: 40 },
    { turn: 7, cutTo: 24 },
    { turn: 10, cutTo: 16 },
    { turn: 12, goes: true },
  ],
};

/** The last two columns of every table of results. */
const idAndWhy: Column<{
  automation_id?: string | null;
  reason?: string;
  error?: string;
  run_id?: string;
  isOfRun?: boolean;
}>[] = [
  {
    key: "id",
    title: "ID",
    cell: ({ automation_id, run_id, isOfRun }) => (isOfRun ? run_id : automation_id) ?? "",
    concessions: resultPriorities.id,
  },
  {
    key: "why",
    title: "WHY",
    cell: ({ reason, error, run_id, isOfRun }) => error ?? reason ?? (isOfRun ? "" : (run_id ?? "")),
    concessions: resultPriorities.why,
  },
];

/** In a pipe, in their documented order. */
export const resultColumns: Column<FleetRow>[] = [
  {
    key: "name",
    title: "NAME",
    isName: true,
    cell: ({ name }) => told(name),
    concessions: resultPriorities.name,
    piped: ({ name, automation_id }) => (automation_id === null ? "" : told(name)),
  },
  {
    key: "result",
    title: "RESULT",
    cell: ({ result }) => result,
    concessions: resultPriorities.result,
    style: (text, row, style) => (wentWrong(row) ? style.failing(text) : text),
  },
  ...idAndWhy,
];

/** On a terminal its name, in a pipe its id. */
export function resultDeploymentColumn<Row extends { deployment_id: string }>(
  names: ReadonlyMap<string, string>,
): Column<Row> {
  return {
    key: "deployment",
    title: "DEPLOYMENT",
    isName: true,
    cell: ({ deployment_id }) => names.get(deployment_id) ?? deployment_id,
    concessions: resultPriorities.deployment,
    piped: ({ deployment_id }) => deployment_id,
  };
}
