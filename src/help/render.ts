import type { CommandDeclaration } from "../command/declaration.js";
import { type NamedFlag, namedFlags } from "../command/flags.js";
import type { CommandHelp } from "../command/help.js";
import type { CommandNode } from "../command/node.js";
import { shownArguments, usageWords } from "../command/usage.js";
import { type GlobalFlag, globalFlags } from "../command-line/global-flags.js";
import { wrap } from "../output/width.js";
import { commandLines, type HelpRow, indented, namesWidth, type Section, sectionLines } from "./layout.js";
import type { Topic } from "./topic.js";

const widest = 100;

/** The help of one command: what it does, when to use it, examples, its flags by group, its exit codes. */
export function renderCommandHelp(
  { declaration, nodes }: { declaration: CommandDeclaration; nodes: readonly CommandNode[] },
  columns: number,
): string {
  const { help } = declaration;
  const path = nodes.map(({ name }) => name);
  const width = Math.min(columns, widest);
  const flags: Section[] = [
    {
      title: "This command",
      rows: [...namedFlags(declaration.flags).filter(isShown).map(ownFlag), helpFlag],
    },
    { title: "Output", rows: globalRows("Output") },
    { title: "Connection", rows: globalRows("Connection") },
  ];
  const nameWidth = namesWidth(flags.flatMap(({ rows }) => rows));
  const blocks = [
    usage([...usageWords(declaration, path), "[flags]"], width),
    ...aliasLines(nodes),
    wrap(help.about, width),
    wrap(help.use, width),
    ["Examples:", ...help.examples.flatMap((line) => commandLines(line, width))],
    ...argumentBlocks(declaration, width),
    ...flags.map((section) => sectionLines(section, width, nameWidth)),
    ...(help.notes === undefined ? [] : [wrap(help.notes, width)]),
    ...(help.inPipe === undefined
      ? []
      : [["In a pipe, separated by tabs:", ...indented(help.inPipe, { width, by: 2 })]]),
    ...exitCodeBlocks(help, width),
  ];
  return joined(blocks);
}

/** The help of a group: its commands. */
export function renderGroupHelp(node: CommandNode, columns: number): string {
  const width = Math.min(columns, widest);
  return joined([
    usage(["herm", node.name, "<command>", "[flags]"], width),
    ...(node.alias === undefined ? [] : [[`Alias: herm ${node.alias}`]]),
    wrap(`${node.summary[0]?.toUpperCase()}${node.summary.slice(1)}.`, width),
    sectionLines({ title: "Commands", rows: (node.children ?? []).map(nodeRow) }, width),
    wrap(`herm ${node.name} <command> --help says more about each.`, width),
  ]);
}

/** What `herm` alone says: every command by task, where to begin, and the topics. */
export function renderRootHelp(
  { tree, topics }: { tree: readonly CommandNode[]; topics: readonly Topic[] },
  columns: number,
): string {
  const width = Math.min(columns, widest);
  const tasks = [...new Set(tree.map(({ task = "Commands" }) => task))];
  const sections = tasks.map((title) => ({
    title,
    rows: tree.filter(({ task = "Commands" }) => task === title).map(nodeRow),
  }));
  const nameWidth = namesWidth(sections.flatMap(({ rows }) => rows));
  return joined([
    usage(["herm", "<command>", "[flags]"], width),
    wrap("The command-line tool for the automations of Herm.", width),
    ...sections.map((section) => sectionLines(section, width, nameWidth)),
    sectionLines({ title: "Begin", rows: beginnings }, width, namesWidth(beginnings) + 10),
    ["Topics (herm help <topic>):", ...indented(topics.map(({ name }) => name).join(", "), { width, by: 2 })],
    wrap("A ref is an id (auto_…) or an exact name; a deployment can go in front: dep_…/<ref>.", width),
    wrap(
      "Every command exits with 0 when done, 1 after an unexpected error, 2 for wrong usage, 130 when interrupted; herm <command> --help lists its other exit codes, its flags and examples.",
      width,
    ),
  ]);
}

const beginnings: readonly HelpRow[] = [
  ["herm automations create", "asks for what it needs"],
  ["herm automations list", "what there is, and when it runs next"],
  ["herm automations trigger <ref>", "run one now, and follow the run"],
  ["herm runs list --failed --since 12h", "find out why last night failed"],
  ["herm --local automations list", "try everything without an account"],
];

const helpFlag: HelpRow = ["-h, --help", "show this help"];

function isShown({ isHidden }: NamedFlag): boolean {
  return isHidden !== true;
}

function ownFlag({ long, short, takes, about }: NamedFlag): HelpRow {
  return [flagNames({ long, short, value: takes }), about];
}

function globalRows(group: GlobalFlag["group"]): HelpRow[] {
  return globalFlags
    .filter((flag) => flag.group === group)
    .map((flag): HelpRow => [flagNames(flag), flag.summary]);
}

function flagNames({ long, short, value }: Pick<GlobalFlag, "long" | "short" | "value">): string {
  const names = short === undefined ? long : `${short}, ${long}`;
  return value === undefined ? names : `${names} <${value}>`;
}

function nodeRow({ name, alias, summary }: CommandNode): HelpRow {
  return [alias === undefined ? name : `${name} (${alias})`, summary];
}

function usage(words: readonly string[], width: number): string[] {
  const [first = "", ...rest] = wrap(`Usage: ${words.join(" ")}`, width);
  return [first, ...rest.map((line) => `  ${line}`)];
}

function aliasLines(nodes: readonly CommandNode[]): string[][] {
  const alias = nodes.at(-1)?.alias;
  const groups = nodes.slice(0, -1).map(({ name }) => name);
  return alias === undefined ? [] : [[`Alias: herm ${[...groups, alias].join(" ")}`]];
}

function argumentBlocks(declaration: CommandDeclaration, width: number): string[][] {
  const rows = shownArguments(declaration).map(({ name, about }): HelpRow => [name, about]);
  return rows.length === 0 ? [] : [sectionLines({ title: "Arguments", rows }, width)];
}

function exitCodeBlocks({ exitCodes = {} }: CommandHelp, width: number): string[][] {
  const rows = Object.entries(exitCodes).map(([code, words]): HelpRow => [code.padStart(2), words]);
  return rows.length === 0 ? [] : [sectionLines({ title: "Exit codes", rows }, width)];
}

function joined(blocks: readonly string[][]): string {
  return `${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}
