import { groupBy } from "../../../../manifest/group-by.js";
import { listed } from "../../../../output/count.js";
import { alikeError, deploymentsText, nameOf, namesText, sharedError, tellTogether } from "../alike.js";
import { type ChangeRow, wordOf } from "../rows.js";
import { lineText } from "./told.js";

export interface RowTableOptions extends Bounds {
  /** Foreign text of a cell as Markdown. */
  cell(text: string): string;
  /** How a file is named; absent: places aren't. */
  fileOf?(file: string): string;
}

/** How long a table gets. */
export interface Bounds {
  /** How many rows a table has at most. */
  most: number;
  /** How many characters it has at most; the last row may take it a little further. */
  mostCharacters?: number;
}

/** What is told of rows in one row of a table: those that are equal but for their deployments, or stopped alike in one. */
export function groupRows(rows: readonly ChangeRow[]): ChangeRow[][] {
  const together = tellTogether(rows);
  const keyOf = ([row, ...others]: ChangeRow[]) =>
    JSON.stringify(row && [...cellsOf(row, nameOf(row), alikeError(row)), others.length]);
  return [...groupBy(together, keyOf).values()].map((groups) => groups.flat());
}

/** A table in Markdown of groups of rows, with how many more there are; nothing of none. */
export function rowTable(groups: readonly (readonly ChangeRow[])[], options: RowTableOptions): string[] {
  if (groups.length === 0) return [];
  const place = options.fileOf === undefined ? { head: "", line: "" } : { head: " place |", line: " --- |" };
  return [
    `| | deployments | automation | fields |${place.head} |`,
    `| --- | --- | --- | --- |${place.line} --- |`,
    ...bounded(
      groups.map((group) => tableRow(group, options)),
      options,
    ),
  ];
}

/** As many rows of a table as it may have, and how many more there are. */
export function bounded(
  rows: readonly string[],
  { most, mostCharacters = Number.POSITIVE_INFINITY }: Bounds,
): string[] {
  const shown: string[] = [];
  let characters = 0;
  for (const row of rows.slice(0, most)) {
    if (characters >= mostCharacters) break;
    shown.push(row);
    characters += row.length + 1;
  }
  return shown.length < rows.length ? [...shown, "", `… and ${rows.length - shown.length} more`] : shown;
}

function tableRow(group: readonly ChangeRow[], { cell, fileOf }: RowTableOptions): string {
  const [row] = group;
  if (row === undefined) return "";
  const [action = "", name = "", fields = "", why = ""] = cellsOf(row, namesText(group), sharedError(group));
  const places = fileOf === undefined ? [] : [placesText(group, fileOf)];
  const foreign = (text: string) => (text === "" ? "" : cell(text));
  const cells = [
    action,
    foreign(deploymentsText(group)),
    foreign(name),
    fields,
    ...[...places, why].map(foreign),
  ];
  return `| ${cells.join(" | ")} |`;
}

function cellsOf(row: ChangeRow, name: string, error: string | undefined): string[] {
  const { action, changes = {}, result, reason } = row;
  const fields = action === "create" ? "" : Object.keys(changes).join(", ");
  const word = wordOf(row);
  const why =
    error === undefined ? [result, reason].filter(Boolean).join(", ") : `${result ?? "failed"}: ${error}`;
  return [word, name, fields, word === result ? (error ?? why) : why];
}

/** `herm.yaml:4`, of several files the first two. */
export function placesText(group: readonly ChangeRow[], fileOf: (file: string) => string): string {
  const places = group.flatMap(({ place }) =>
    place === undefined ? [] : [lineText({ ...place, file: fileOf(place.file) })],
  );
  return listed([...new Set(places)], 2);
}
