import { type Place, whatIsWrong } from "../../../manifest/mistake.js";
import { counted, joinNames } from "../../../output/count.js";
import { markdownCode, markdownFence } from "../../../output/text/markdown-text.js";
import { isNews, wordOf } from "../view/change-rows.js";
import { type ChangeGroup, groupRows } from "../view/groups.js";
import { changeLines, shorten } from "./changed-fields.js";
import { type FinalReport, lineText } from "./report-data.js";

/** Maximum characters: GitHub accepts 65,536 in a comment, and a pipeline adds a few. */
const mostCharacters = 64_000;
const bounds = { most: 100, mostCharacters: 24_000 } as const;
const warningBounds = { most: 20, mostCharacters: 8_000 } as const;
const mostInText = 300;

/**
 * Renders Markdown for a comment on a pull request and for a step summary: counts, a table with failures first, and
 * folded changes below it. Stays within GitHub's limit; no text in it becomes a link, a mention or another cell.
 */
export async function renderMarkdown(final: FinalReport): Promise<string> {
  const { command, report, error, hint, mistakes } = final;
  const code = (text: string) => markdownCode(shorten(final.redact(text), mostInText));
  const groups = groupRows((report?.rows ?? []).filter(isNews));
  const wrong = mistakes.map((mistake) => ({ position: mistake.position, text: whatIsWrong(mistake) }));
  const warnings = report?.warnings ?? [];
  const blocks = [
    [`### ${report?.title ?? `herm: ${command.replace(/^herm /, "")}`}`],
    error === undefined ? [] : [`Failed: ${code(error)}`],
    hint === undefined ? [] : [`Hint: ${code(hint)}`],
    report === undefined ? [] : [report.counts],
    wrong.length === 0 ? [] : [`${counted(wrong.length, "mistake")} in the manifests; nothing was changed`],
    positionTable(wrong, { final, code, what: "mistake", ...bounds }),
    groupTable(groups, { final, code }),
    positionTable(warnings, { final, code, what: "warning", ...warningBounds }),
  ].filter(({ length }) => length > 0);
  const text = `${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n`;
  return text + (await folded(groups, { final, code, room: mostCharacters - text.length }));
}

interface Writing {
  final: FinalReport;
  code(text: string): string;
}

interface Bounds {
  most: number;
  mostCharacters: number;
}

function groupTable(groups: readonly ChangeGroup[], writing: Writing): string[] {
  if (groups.length === 0) return [];
  const rows = groups.map((group) => tableRow(group, writing));
  return [
    "| | deployments | automation | fields | place | |",
    "| --- | --- | --- | --- | --- | --- |",
    ...bounded(rows, bounds),
  ];
}

function tableRow(group: ChangeGroup, { final, code }: Writing): string {
  const { row, error, deployments, names } = group;
  const { action, changes = {}, result, reason } = row;
  const word = wordOf(row);
  const fields = action === "create" ? "" : Object.keys(changes).join(", ");
  const failure = error === undefined || word === result ? error : `${result}: ${error}`;
  const why = failure ?? [result, reason].filter(Boolean).join(", ");
  const [position, whyCode] = [positionsOf(group, final), why].map((text) => (text === "" ? "" : code(text)));
  return `| ${[word, code(deployments), code(names), fields, position, whyCode].join(" | ")} |`;
}

function positionTable(
  report: readonly { position?: Place; text: string }[],
  { final, code, what, ...limits }: Bounds & Writing & { what: string },
): string[] {
  if (report.length === 0) return [];
  const rows = report.map(({ position, text }) => {
    const where =
      typeof position === "object"
        ? lineText({ ...position, file: final.fileOf(position.file) })
        : (position ?? "");
    return `| ${where === "" ? "" : code(where)} | ${code(text)} |`;
  });
  return [`| place | ${what} |`, "| --- | --- |", ...bounded(rows, limits)];
}

/** The rows that fit, and the number of rows left out. */
function bounded(rows: readonly string[], { most, mostCharacters }: Bounds): string[] {
  const shown: string[] = [];
  let characters = 0;
  for (const row of rows.slice(0, most)) {
    if (characters >= mostCharacters) break;
    shown.push(row);
    characters += row.length + 1;
  }
  return shown.length < rows.length ? [...shown, "", `… and ${rows.length - shown.length} more`] : shown;
}

/** Changes to texts and fields, each shown once, as far as there is space. */
async function folded(
  all: readonly ChangeGroup[],
  { room, ...writing }: Writing & { room: number },
): Promise<string> {
  const groups = all.filter(({ row }) => row.changes !== undefined && row.action !== "skipped");
  if (groups.length === 0) return "";
  const start = "\n<details><summary>What changes</summary>\n";
  const end = (left: number) => `${left > 0 ? `\n… and ${left} more\n` : ""}\n</details>\n`;
  let text = start;
  for (const [index, group] of groups.entries()) {
    const block = await changeBlock(group, writing);
    if (text.length + block.length + end(groups.length).length > room) {
      return index === 0 ? "" : text + end(groups.length - index);
    }
    text += block;
  }
  return text + end(0);
}

async function changeBlock(group: ChangeGroup, { final, code }: Writing): Promise<string> {
  const { row, names, deployments, versions } = group;
  const count = new Set(group.rows.map((each) => each.deployment_id)).size;
  const where = `in ${count === 1 ? "" : `${count} deployments: `}${code(deployments)}`;
  const positions = positionsOf(group, final);
  const parts = [row.action, code(names), where, ...(positions === "" ? [] : [code(positions)])];
  if (versions !== undefined) parts.push(`(${versions}, here: ${code(row.deployment)})`);
  const lines = await changeLines(row, final.redact);
  return `\n${[parts.join(" "), "", ...markdownFence(lines, "diff")].join("\n")}\n`;
}

/** `herm.yaml:4`, or the first two if there are several files. */
function positionsOf({ rows }: ChangeGroup, { fileOf }: Pick<FinalReport, "fileOf">): string {
  const positions = rows.flatMap(({ position }) =>
    position === undefined ? [] : [lineText({ ...position, file: fileOf(position.file) })],
  );
  return joinNames([...new Set(positions)], 2);
}
