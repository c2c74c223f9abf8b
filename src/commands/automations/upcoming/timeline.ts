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
    {
      key: "at",
      title: "",
      cell: ({ at, isEstimated }) => `${localParts(at, timeZone).clock}${isEstimated ? " ≈" : ""}`,
      inWords: ({ at, isEstimated }) => `${isEstimated ? "about " : ""}${localParts(at, timeZone).clock}`,
    },
    {
      key: "in",
      title: "",
      cell: ({ at }) => relative(at, now),
      // This column is dropped before the deployment's: its time is in the column `at` too.
      priorities: [{ order: isFleet ? 9 : 11, isHidden: true }],
    },
    {
      key: "name",
      title: "",
      isName: true,
      cell: ({ automation }) => textOrDash(automation.name),
      priorities: [
        { order: 1, cutTo: 40 },
        { order: 5, cutTo: 17 },
        { order: 10, cutTo: 11 },
        { order: 13, cutTo: 1 },
      ],
    },
    {
      key: "id",
      title: "",
      cell: ({ automation, deployments }) => (deployments === undefined ? automation.automation_id : ""),
      priorities: [{ order: isFleet ? 4 : 6, isHidden: true }],
    },
    {
      key: "more",
      title: "",
      cell: ({ more }) => (more === undefined ? "" : `and ${more} more runs`),
      priorities: [
        { order: 3, cell: ({ more }) => (more === undefined ? "" : `+${more}`) },
        { order: 8, isHidden: true },
      ],
    },
  ];
  if (!isFleet) return columns;
  const deployment: Column<Occurrence> = {
    key: "deployment",
    title: "",
    isName: true,
    cell: ({ deployment_name, deployment_id, deployments }) =>
      deployments === undefined ? (deployment_name ?? deployment_id) : counted(deployments, "deployment"),
    priorities: [
      { order: 2, cutTo: 40 },
      { order: 7, cutTo: 14 },
      { order: 11, cutTo: 10 },
      { order: 12, isHidden: true },
    ],
  };
  return [...columns.slice(0, 3), deployment, ...columns.slice(3)];
}

function localParts(at: Date, timeZone: string | undefined): { day: string; clock: string; offset: string } {
  const words = formatLocal(at, timeZone).split(" ");
  return { day: words.slice(0, -2).join(" "), clock: words.at(-2) ?? "", offset: words.at(-1) ?? "" };
}
