import { groupBy } from "../../manifest/group-by.js";
import { column, nameColumn } from "../../output/columns.js";
import { counted, limitLines } from "../../output/count.js";
import type { Printer } from "../../output/printer.js";
import { type Column, renderTable } from "../../output/render-table.js";
import { safe } from "../../output/safe.js";
import { fold } from "../../output/text/fold.js";
import { cut, cutInMiddle } from "../../output/width.js";
import type { NamedItem, Names } from "./names.js";
import { resultSteps, whereText } from "./result-rows.js";

type Rank = "done" | "skipped" | "trouble";

export interface RowLabels<Row> {
  rankOf(row: Row): Rank | undefined;
  word(row: Row): string;
  why(row: Row): string;
  title: string;
  /** True for rows that concern their whole deployment and so share one line, however few they are. */
  isOfDeployment?(row: Row): boolean;
}

interface GroupOptions<Row> {
  labels: RowLabels<Row>;
  names: Names;
}

interface GroupedRow {
  what: string;
  /** A shorter `what` for a deployment, with its name cut in the middle. */
  briefly?: string;
  /** Shown as `×12`, unless `what` contains the number. */
  times: number;
  size: number;
  word: string;
  deployments: readonly string[];
  why: string;
  isError: boolean;
  /** True for the row that counts hidden ones. */
  isRest?: true;
}

/** Maximum number of lines per rank, so that the counts below remain visible. */
const mostLines: Record<Rank, number> = { done: 5, skipped: 20, trouble: 20 };
/** From this many automations in a deployment on, those with the same error share a line. */
const manyEqual = 3;

/**
 * Renders rows for a terminal: names that deployments share once, equal errors in a deployment on one line, errors
 * last, just above the counts; below the table, reasons that didn't fit. Mentions `--verbose` if lines are hidden.
 */
export async function renderGroupedRows<Row extends NamedItem>(
  rows: readonly Row[],
  options: GroupOptions<Row>,
  { columns: width, style }: Pick<Printer, "columns" | "style">,
): Promise<string> {
  const { labels, names } = options;
  const groups = (["done", "skipped", "trouble"] as const).flatMap((rank) => {
    const own = rows.filter((row) => labels.rankOf(row) === rank);
    const groups = rank === "trouble" ? groupErrors(own, options) : groupNames(own, options);
    return abridge(
      groups.map((group) => ({ ...group, isError: rank === "trouble" })),
      mostLines[rank],
    );
  });
  const shown = columnsOf(labels.title, names).filter(({ key }) => names.isFleet || key !== "deployment");
  const table = await renderTable(groups, shown, { width, style });
  return (
    table +
    cutReasons(groups, table)
      .map((line) => `${style.failing(fold(line, width))}\n`)
      .join("")
  );
}

/** Columns for a name in an 80-column terminal. */
const briefWidth = 17;
const mostReasons = 5;

/** The reasons that didn't fit in the table, each once. Safe text. */
function cutReasons(rows: readonly GroupedRow[], table: string): string[] {
  const errors = rows.filter(({ isError, why }) => isError && why !== "");
  const groups = groupBy(errors, ({ word, why }) => JSON.stringify([word, why]));
  const lines = [...groups.values()].flatMap((group) => {
    const [first] = group;
    const why = safe(first?.why ?? "", "cell");
    if (first === undefined || table.includes(why)) return [];
    return [`${group.reduce((sum, { size }) => sum + size, 0)} ${first.word}: ${why}`];
  });
  return limitLines(lines, mostReasons);
}

type Group = Omit<GroupedRow, "isError">;

/** Lists the same name, word and reason once, but duplicates in a deployment separately, with ids. */
function groupNames<Row extends NamedItem>(
  rows: readonly Row[],
  { labels: { word, why }, names }: GroupOptions<Row>,
): Group[] {
  const groups = groupBy(rows, (row) => JSON.stringify([nameIn(row, names), word(row), why(row)]));
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const deployments = [...new Set(group.map(({ deployment_id }) => deployment_id))];
    return [
      {
        what: nameIn(first, names),
        times: group.length,
        size: group.length,
        word: word(first),
        deployments,
        why: why(first),
      },
    ];
  });
}

/** `Weekly report`, with the id if the deployment has another automation with that name. */
export function nameIn({ automation_id, deployment_id, name }: NamedItem, names: Names): string {
  if (name === null || name === undefined) return automation_id ?? names.deployment(deployment_id);
  const isDuplicate = automation_id !== null && names.isDuplicate({ deployment_id, automation_id, name });
  return isDuplicate ? `${name} (${automation_id})` : name;
}

function hasNoAutomation({ automation_id, name }: NamedItem): boolean {
  return automation_id === null && (name === null || name === undefined);
}

/** Merges many equal errors of a deployment into one line, and lists the rest by name. */
function groupErrors<Row extends NamedItem>(
  rows: readonly Row[],
  { labels, names }: GroupOptions<Row>,
): Group[] {
  const { word, why, isOfDeployment = () => false } = labels;
  const few: Row[] = [];
  const lines: Group[] = [];
  const groups = groupBy(rows, (row) => JSON.stringify([row.deployment_id, word(row), why(row)]));
  for (const group of groups.values()) {
    const [first] = group;
    if (first === undefined) continue;
    if (group.length < manyEqual && !group.some((row) => hasNoAutomation(row) || isOfDeployment(row))) {
      few.push(...group);
      continue;
    }
    const known = group.filter((row) => !hasNoAutomation(row)).length;
    const what = known === 0 ? "all" : counted(known, "automation");
    const brief = known === 0 ? ": all" : `: ${known}`;
    const where = names.deployment(first.deployment_id);
    lines.push({
      what: names.isFleet ? `${where}: ${what}` : what,
      briefly: names.isFleet ? cutInMiddle(where, briefWidth - brief.length) + brief : what,
      times: 1,
      size: group.length,
      word: word(first),
      deployments: [],
      why: why(first),
    });
  }
  return [...groupNames(few, { labels, names }), ...lines];
}

function abridge(rows: readonly GroupedRow[], most: number): GroupedRow[] {
  const [shown, rest] = [rows.slice(0, most), rows.slice(most)];
  const [first, ...others] = rest;
  if (first === undefined || others.length === 0) return [...rows];
  const size = rest.reduce((sum, row) => sum + row.size, 0);
  const isSameWord = others.every(({ word }) => word === first.word);
  const remaining: GroupedRow = {
    what: `… ${rest.length} more`,
    isRest: true,
    times: size === rest.length ? 1 : size,
    size,
    word: isSameWord ? first.word : "",
    deployments: [],
    why: "",
    isError: first.isError,
  };
  return [...shown, remaining];
}

function columnsOf(title: string, names: Names): Column<GroupedRow>[] {
  const called = ({ deployments }: GroupedRow) => deployments.map((id) => names.deployment(id));
  const briefly = (all: readonly string[]) => (all.length === 1 ? all : all.map((name) => cut(name, 14)));
  return [
    nameColumn(({ what, isRest }) => (isRest ? `${what}: --verbose` : what), {
      steps: {
        ...resultSteps.name,
        4: ({ what }) => what,
        4.5: ({ what, briefly = what }) => briefly,
      },
    }),
    column("count", ({ times }) => (times > 1 ? `×${times}` : ""), {
      title: "",
      inWords: ({ times }) => (times > 1 ? `${times} times` : ""),
    }),
    column("result", ({ word }) => word, {
      title,
      steps: resultSteps.result,
      style: (text, { isError }, style) => (isError ? style.failing(text) : text),
    }),
    column("deployment", (row) => whereText(called(row), 2), {
      isName: true,
      steps: { ...resultSteps.deployment, 1: (row) => whereText(briefly(called(row)), 2) },
    }),
    column("why", ({ why }) => why, { steps: resultSteps.why }),
  ];
}
