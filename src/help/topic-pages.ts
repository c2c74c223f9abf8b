/** Reads the pages of topics from Markdown. */

import { namedFlags } from "../command/flags.js";
import { nodesAt } from "../command/tree.js";
import { knownForms } from "../schedule/known-forms.js";
import { flagRow, globalRows, type HelpRow } from "./layout.js";
import rules from "./skill/rules.md" with { type: "text" };
import skill from "./skill/SKILL.md" with { type: "text" };
import accessibility from "./topics/accessibility.md" with { type: "text" };
import agents from "./topics/agents.md" with { type: "text" };
import alerts from "./topics/alerts.md" with { type: "text" };
import environment from "./topics/environment.md" with { type: "text" };
import exitCodes from "./topics/exit-codes.md" with { type: "text" };
import flags from "./topics/flags.md" with { type: "text" };
import gitops from "./topics/gitops.md" with { type: "text" };
import incidents from "./topics/incidents.md" with { type: "text" };
import localServer from "./topics/local-server.md" with { type: "text" };
import manifests from "./topics/manifests.md" with { type: "text" };
import output from "./topics/output.md" with { type: "text" };
import reliability from "./topics/reliability.md" with { type: "text" };
import schedules from "./topics/schedules.md" with { type: "text" };
import security from "./topics/security.md" with { type: "text" };
import tasks from "./topics/tasks.md" with { type: "text" };

/** A part of a topic. A string is a paragraph with code in backticks. A test tries every command line. */
export type Block =
  | string
  | { list: readonly string[] }
  /** Command lines, each with or without its effect. */
  | { commands: readonly (string | HelpRow)[] }
  | { rows: readonly HelpRow[] }
  /** A file or a response, line by line. */
  | { lines: string };

interface TopicSection {
  title: string;
  blocks: readonly Block[];
}

export interface TopicText {
  about: readonly Block[];
  sections: readonly TopicSection[];
  /** The words after `herm help` that lead to further reading. */
  see: readonly string[];
}

/**
 * Reads the page of a topic: paragraphs, lists, two-column tables and code fences, separated by blank lines, below
 * headings. A `sh` fence contains command lines, as does a list of code and colons; the last line leads to other pages.
 * @internal
 */
export function parseTopic(page: string): TopicText {
  const about: Block[] = [];
  const sections: { title: string; blocks: Block[] }[] = [];
  const see: string[] = [];
  for (const [piece, language, fenced] of page.matchAll(pieces)) {
    if (piece.startsWith("# ")) continue;
    if (piece.startsWith("## ")) sections.push({ title: piece.slice(3), blocks: [] });
    else if (piece.startsWith("See also: "))
      see.push(...[...piece.matchAll(/\[([\w-]+)\]|`herm help ([^`]+)`/g)].map(([, a, b]) => a ?? b ?? ""));
    else {
      const block = fenced === undefined ? blockOf(piece) : fencedBlock(language, fenced);
      (sections.at(-1)?.blocks ?? about).push(block);
    }
  }
  return { about, sections, see };
}

const pieces = /^```(\w*)\n([\s\S]*?)\n```$|^.+(?:\n.+)*/gm;

function fencedBlock(language: string | undefined, text: string): Block {
  return language === "sh" ? { commands: text.split("\n") } : { lines: text };
}

function blockOf(piece: string): Block {
  if (piece.startsWith("| ")) return { rows: tableRows(piece) };
  if (!piece.startsWith("- ")) return plain(piece.replaceAll("\n", " "));
  const items = piece.slice(2).split("\n- ");
  const commands = items.map((item) => /^`([^`]+)`(?:: (.+))?$/.exec(item));
  if (!commands.every((each) => each !== null)) return { list: items.map(plain) };
  return {
    commands: commands.map(([, line = "", meaning]) =>
      meaning === undefined ? line : ([line, plain(meaning)] as const),
    ),
  };
}

/** The rows below the two header lines. If the first column is aligned to the right, it still is in the rows. */
function tableRows(table: string): HelpRow[] {
  const [, alignment = "", ...lines] = table.split("\n");
  const rows = lines.map((line): HelpRow => {
    const [, name = "", meaning = ""] = line.split(/(?<!\\)\|/).map((cell) => plain(cell.trim()));
    return [name, meaning];
  });
  if (!alignment.includes(": |")) return rows;
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, meaning]): HelpRow => [name.padStart(width), meaning]);
}

/** Text without Markdown's backslashes. */
function plain(text: string): string {
  return text.replaceAll(/\\([<*|])/g, "$1");
}

const pages: Readonly<Record<string, string>> = {
  accessibility,
  agents,
  alerts,
  environment,
  "exit-codes": exitCodes,
  flags,
  gitops,
  incidents,
  "local-server": localServer,
  manifests,
  output,
  reliability,
  schedules,
  security,
  skill,
  tasks,
};

const formNames: Readonly<Record<keyof typeof knownForms, string>> = {
  times: "Times of day",
  weekdays: "Days of the week",
  steps: "Every so often",
  dates: "Dates",
  cron: "A cron",
};

type Part = () => string | Promise<string>;

/** Parts that pages insert: from the code, or from one another. */
const parts: Readonly<Record<string, Part>> = {
  "rules for agents": () => rules.trimEnd(),
  "forms of a schedule": () =>
    markdownTable(
      Object.entries(formNames).map(
        ([kind, name]): HelpRow => [name, knownForms[kind as keyof typeof formNames].join("; ")],
      ),
    ),
  "flags that choose": async () => markdownTable(await selectionRows()),
  "flags for output": () => markdownTable(globalRows("Output")),
  "flags for the connection": () => markdownTable(globalRows("Connection")),
};

/** The page of a topic or of the skill, as Markdown with each line `{{name}}` replaced. Throws for an unknown name. */
export async function loadPage(name: string, own: Readonly<Record<string, Part>> = {}): Promise<string> {
  const lines = known(pages, name)
    .split("\n")
    .map((line) => {
      const [, part] = /^\{\{(.+)\}\}$/.exec(line) ?? [];
      return part === undefined ? line : known({ ...parts, ...own }, part)();
    });
  return (await Promise.all(lines)).join("\n");
}

function known<T>(all: Readonly<Record<string, T>>, name: string): T {
  const found = all[name];
  if (found === undefined) throw new Error(`no help page has ${name}`);
  return found;
}

export async function loadTopic(name: string): Promise<TopicText> {
  return parseTopic(await loadPage(name));
}

/** Rows for the flags that select, taken from `herm status`. */
async function selectionRows(): Promise<HelpRow[]> {
  const declaration = await nodesAt(["status"]).at(-1)?.load?.();
  return namedFlags(declaration?.flags)
    .filter(({ group }) => group === "Which ones")
    .map(flagRow);
}

export function page(pieces: readonly string[]): string {
  return `${pieces.join("\n\n")}\n`;
}

/** Escapes `<` and `*` outside of code, so that Markdown doesn't take them for HTML or emphasis. */
export function markdownProse(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith("`") ? part : part.replaceAll("<", "\\<").replaceAll("*", "\\*")))
    .join("");
}

function markdownTable(rows: readonly HelpRow[]): string {
  const cell = (text: string) => markdownProse(text).replaceAll("|", "\\|");
  const lines = rows.map((row) => `| ${row.map(cell).join(" | ")} |`);
  return ["| What | Meaning |", "| --- | --- |", ...lines].join("\n");
}
