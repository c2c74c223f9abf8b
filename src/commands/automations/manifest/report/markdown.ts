import { type FilePlace, whatIsWrong } from "../../../../manifest/mistake.js";
import { counted } from "../../../../output/count.js";
import { markdownCode, markdownFence } from "../../../../output/markdown.js";
import { deploymentsText, groupEqual, namesText, versionsText } from "../alike.js";
import type { ChangeRow } from "../rows.js";
import { changeLines } from "./change-lines.js";
import type { Ended } from "./ended.js";
import { type Bounds, bounded, groupRows, placesText, rowTable } from "./row-table.js";
import { lineText } from "./told.js";

/** GitHub takes 65,536 in a comment; room is left for what a pipeline puts around it. */
const mostCharacters = 64_000;
const bounds = { most: 100, mostCharacters: 24_000 } as const;
const warningBounds = { most: 20, mostCharacters: 8_000 } as const;
/** Of one text: a character takes up to 12 of Markdown. */
const mostInText = 300;

/**
 * A report as Markdown for the comment of a pull request: counts, a table with what failed first, what changes folded below.
 * It stays below GitHub's limit, and whatever texts hold, nothing in it is a link, a mention or another cell.
 */
export async function renderMarkdown(ended: Ended): Promise<string> {
  const { command, told, error } = ended;
  const code = (text: string) => shortCode(ended.redact(text));
  const rows = (told?.rows ?? []).filter(isNews);
  const failed = rows.filter((row) => row.error !== undefined);
  const others = rows.filter((row) => row.error === undefined);
  const table = rowTable([...groupRows(failed), ...groupRows(others)], {
    cell: code,
    ...bounds,
    fileOf: ended.fileOf,
  });
  const blocks = [
    [`### ${told?.title ?? `herm: ${command.replace(/^herm /, "")}`}`],
    told === undefined ? [] : [told.counts],
    error === undefined ? [] : [`Failed: ${code(error)}`],
    mistakeTable(ended, code),
    table,
    warningTable(ended, code),
  ].filter(({ length }) => length > 0);
  const text = `${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n`;
  return text + (await folded(rows, { ended, code, room: mostCharacters - text.length }));
}

/** What is unchanged, and what is left alone as it should be, is in the counts. */
function isNews({ isDifference, action, error }: ChangeRow): boolean {
  return isDifference || action === "skipped" || error !== undefined;
}

function mistakeTable(ended: Ended, code: Code): string[] {
  const { mistakes } = ended;
  if (mistakes.length === 0) return [];
  const told = mistakes.map((mistake) => ({ place: mistake.place, text: whatIsWrong(mistake) }));
  return [
    `${counted(mistakes.length, "mistake")} in the manifests; nothing was changed`,
    "",
    ...placedTable(told, { ended, code, what: "mistake", ...bounds }),
  ];
}

function warningTable(ended: Ended, code: Code): string[] {
  const warnings = ended.told?.warnings ?? [];
  if (warnings.length === 0) return [];
  return placedTable(warnings, { ended, code, what: "warning", ...warningBounds });
}

type Code = (text: string) => string;

function placedTable(
  told: readonly { place?: FilePlace; text: string }[],
  { ended, code, what, ...limits }: Bounds & { ended: Ended; code: Code; what: string },
): string[] {
  const rows = told.map(({ place, text }) => {
    const where = place === undefined ? "" : code(lineText({ ...place, file: ended.fileOf(place.file) }));
    return `| ${where} | ${code(text)} |`;
  });
  return [`| place | ${what} |`, "| --- | --- |", ...bounded(rows, limits)];
}

interface Folding {
  ended: Ended;
  code: Code;
  /** In characters. */
  room: number;
}

/** The changes of texts and fields, each once, as far as there is room. */
async function folded(rows: readonly ChangeRow[], { ended, code, room }: Folding): Promise<string> {
  const groups = groupEqual(
    rows.filter(({ changes, isDifference }) => isDifference && changes !== undefined),
  );
  if (groups.length === 0) return "";
  const start = "\n<details><summary>What changes</summary>\n";
  const end = (left: number) => `${left > 0 ? `\n… and ${left} more\n` : ""}\n</details>\n`;
  let text = start;
  for (const [index, group] of groups.entries()) {
    const block = await changeBlock(group, { ended, code });
    if (text.length + block.length + end(groups.length).length > room) {
      return index === 0 ? "" : text + end(groups.length - index);
    }
    text += block;
  }
  return text + end(0);
}

async function changeBlock(
  group: readonly ChangeRow[],
  { ended, code }: Omit<Folding, "room">,
): Promise<string> {
  const [row] = group;
  if (row === undefined) return "";
  const count = new Set(group.map((each) => each.deployment_id)).size;
  const where = `in ${count === 1 ? "" : `${count} deployments: `}${code(deploymentsText(group))}`;
  const places = placesText(group, ended.fileOf);
  const parts = [row.action, code(namesText(group)), where, ...(places === "" ? [] : [code(places)])];
  const versions = versionsText(group);
  if (versions !== undefined) parts.push(`(${versions}, here of ${code(row.deployment)})`);
  const lines = await changeLines(row, ended.redact);
  const heading = parts.join(" ");
  return `\n${[heading, "", ...markdownFence(lines, "diff")].join("\n")}\n`;
}

/** By whole characters. */
function shortCode(text: string): string {
  const short =
    text.length <= mostInText ? text : `${Array.from(text.slice(0, mostInText)).slice(0, -1).join("")}…`;
  return markdownCode(short);
}
