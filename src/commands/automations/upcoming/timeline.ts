import { column, deploymentColumn, idColumn, nameColumn } from "../../../output/columns.js";
import { counted } from "../../../output/count.js";
import type { Style } from "../../../output/style.js";
import { type Column, tableLines } from "../../../output/table.js";
import { formatLocal, relative } from "../../../output/time.js";
import { textOrDash } from "../../../output/value-text.js";
import type { Occurrence } from "./occurrences.js";

export interface TimelineOptions {
  now: Date;
  style: Style;
  columns: number;
  isFleet: boolean;
  timeZone?: string;
}

const indent = "  ";

/** Puts a heading above each local day; `≈` marks what herm estimates. */
export async function renderTimeline(
  occurrences: readonly Occurrence[],
  options: TimelineOptions,
): Promise<string> {
  const { style, columns, timeZone } = options;
  const rows = await tableLines(occurrences, timelineColumns(options), {
    width: columns - indent.length,
    style,
  });
  let lastDay = "";
  const lines = occurrences.flatMap(({ at }, index) => {
    const { day, offset } = localParts(at, timeZone);
    const heading = `${style.bold(day)} ${offset}`;
    const above = day === lastDay ? [] : lastDay === "" ? [heading] : ["", heading];
    lastDay = day;
    return [...above, `${indent}${rows[index]}`];
  });
  return lines.map((line) => `${line}\n`).join("");
}

function timelineColumns({ now, isFleet, timeZone }: TimelineOptions): Column<Occurrence>[] {
  const columns: Column<Occurrence>[] = [
    column("at", ({ at, isEstimated }) => `${localParts(at, timeZone).clock}${isEstimated ? " ≈" : ""}`, {
      inWords: ({ at, isEstimated }) => `${isEstimated ? "about " : ""}${localParts(at, timeZone).clock}`,
    }),
    // This column is dropped before the deployment's: its time is in the column `at` too.
    column("in", ({ at }) => relative(at, now), { steps: { [isFleet ? 9 : 11]: "hidden" } }),
    nameColumn(({ automation }) => textOrDash(automation.name), { steps: { 1: 40, 5: 17, 10: 11, 13: 1 } }),
    ...(isFleet ? [placeColumn] : []),
    idColumn(({ automation, deployments }) => (deployments === undefined ? automation.automation_id : ""), {
      steps: { [isFleet ? 4 : 6]: "hidden" },
    }),
    column("more", ({ more }) => (more === undefined ? "" : `and ${more} more runs`), {
      steps: { 3: ({ more }) => (more === undefined ? "" : `+${more}`), 8: "hidden" },
    }),
  ];
  return columns.map((each) => ({ ...each, title: "" }));
}

const placeColumn = deploymentColumn<Occurrence>({
  cell: ({ deployment_name, deployment_id, deployments }) =>
    deployments === undefined ? (deployment_name ?? deployment_id) : counted(deployments, "deployment"),
  steps: { 2: 40, 7: 14, 11: 10, 12: "hidden" },
});

function localParts(at: Date, timeZone: string | undefined): { day: string; clock: string; offset: string } {
  const words = formatLocal(at, timeZone).split(" ");
  return { day: words.slice(0, -2).join(" "), clock: words.at(-2) ?? "", offset: words.at(-1) ?? "" };
}
