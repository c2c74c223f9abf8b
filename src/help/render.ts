import type { CommandDeclaration } from "../command/declaration.js";
import { type NamedFlag, namedFlags } from "../command/flags.js";
import type { CommandHelp } from "../command/help.js";
import type { CommandNode } from "../command/node.js";
import { shownArguments, usageWords } from "../command/usage.js";
import { globalFlags } from "../command-line/global-flags.js";
import { exitCodes } from "../errors.js";
import { wrap } from "../output/width.js";
import {
  commandLines,
  flagNames,
  globalRows,
  type HelpRow,
  hanging,
  indented,
  namesWidth,
  ranges,
  type Section,
  sectionLines,
} from "./layout.js";
import type { Topic } from "./topic.js";

const widest = 100;

/** With the command above it and the prompt below, a page fills a terminal of 24 lines. */
const mostLines = 23;
const usualColumns = 80;
const shownExamples = 2;
const shownTopics = 4;

/** What every command may end with. */
const usualExitCodes = [exitCodes.ok, exitCodes.unexpected, exitCodes.usage, exitCodes.interrupted];

export interface PageLook {
  columns: number;
  /** All that there is to say, in place of a page that fits a terminal. */
  isWhole: boolean;
}

interface CommandPage {
  declaration: CommandDeclaration;
  nodes: readonly CommandNode[];
}

/**
 * The help of one command. What it shows first is decided by its declaration: flags that few calls need and those that
 * several commands have are only named, and when it is the right command is said where there is room.
 */
export function renderCommandHelp(page: CommandPage, { columns, isWhole }: PageLook): string {
  const width = Math.min(columns, widest);
  if (isWhole) return joined(wholePage(page, width));
  const usual = joined(shortPage(page, { width: usualColumns, tellsUse: true }));
  return joined(shortPage(page, { width, tellsUse: lineCount(usual) <= mostLines }));
}

function shortPage(page: CommandPage, { width, tellsUse }: { width: number; tellsUse: boolean }): string[][] {
  const { help } = page.declaration;
  const own = ownFlags(page.declaration);
  const shown = own.filter(({ isSeldom, family }) => isSeldom !== true && family === undefined);
  const named = argumentRows(page.declaration);
  const title = named.length === 0 ? "Flags" : shown.length === 0 ? "Arguments" : "Arguments and flags";
  return [
    opening(page, width),
    exampleLines(help.examples.slice(0, shownExamples), width),
    wrap(help.about, width),
    ...(tellsUse ? [wrap(help.use, width)] : []),
    ...sectionOf({ title, rows: [...named, ...shown.map(flagRow)] }, width),
    leadingOn(page.declaration, own).flatMap((line) => hanging(line, width)),
  ];
}

/** Where the rest is told, each in a line. */
function leadingOn({ help }: CommandDeclaration, own: readonly NamedFlag[]): string[] {
  const selecting = own.filter(({ family }) => family === "selection");
  const seldom = own.filter(({ isSeldom }) => isSeldom === true);
  const common = globalFlags.filter(({ short }) => short !== undefined);
  const codes = [...usualExitCodes, ...Object.keys(help.exitCodes ?? {}).map(Number)];
  return [
    ...(selecting.length === 0 ? [] : [`Many at once: ${longNames(selecting)} (herm help flags)`]),
    `In every command: ${longNames(common)} and more (herm help flags)`,
    `Exit codes: ${ranges(codes)} (herm help exit-codes)`,
    `All of it${seldom.length === 0 ? "" : `, also ${longNames(seldom)}`}: --help --verbose`,
  ];
}

function wholePage(page: CommandPage, width: number): string[][] {
  const { help } = page.declaration;
  const flags: Section[] = [
    { title: "Flags", rows: [...ownFlags(page.declaration).map(flagRow), helpFlag] },
    { title: "Output", rows: globalRows("Output") },
    { title: "Connection", rows: globalRows("Connection") },
  ];
  const nameWidth = namesWidth(flags.flatMap(({ rows }) => rows));
  return [
    opening(page, width),
    exampleLines(help.examples, width),
    wrap(help.about, width),
    wrap(help.use, width),
    ...sectionOf({ title: "Arguments", rows: argumentRows(page.declaration) }, width),
    ...flags.map((section) => sectionLines(section, width, nameWidth)),
    ...(help.notes === undefined ? [] : [wrap(help.notes, width)]),
    ...(help.inPipe === undefined
      ? []
      : [["In a pipe, separated by tabs:", ...indented(help.inPipe, { width, by: 2 })]]),
    ...sectionOf({ title: "Exit codes", rows: exitCodeRows(help) }, width),
  ];
}

/** The help of a group: its commands, and as many examples as there is room for. */
export function renderGroupHelp(node: CommandNode, { columns, isWhole }: PageLook): string {
  const { examples = [] } = node;
  for (let count = examples.length; ; count -= 1) {
    const page = joined(groupPage(node, columns, examples.slice(0, count)));
    if (isWhole || count === 0 || lineCount(page) <= mostLines) return page;
  }
}

function groupPage(node: CommandNode, columns: number, examples: readonly string[]): string[][] {
  const width = Math.min(columns, widest);
  const about = `${node.summary[0]?.toUpperCase()}${node.summary.slice(1)}`;
  const alias = node.alias === undefined ? "" : ` (alias: herm ${node.alias})`;
  return [
    [...usage(["herm", node.name, "<command>", "[flags]"], width), ...wrap(`${about}${alias}.`, width)],
    ...(examples.length === 0 ? [] : [exampleLines(examples, width)]),
    sectionLines({ title: "Commands", rows: (node.children ?? []).map(nodeRow) }, width),
    wrap(`herm ${node.name} <command> --help says more about each.`, width),
  ];
}

interface Root {
  tree: readonly CommandNode[];
  topics: readonly Topic[];
}

/** What `herm` alone says: where to begin, the commands, and the topics. */
export function renderRootHelp({ tree, topics }: Root, { columns, isWhole }: PageLook): string {
  const width = Math.min(columns, widest);
  const begin = beginnings.slice(0, isWhole ? undefined : shownExamples);
  const topicNames = topics.map(({ name }) => name);
  const opens = [...usage(["herm", "<command>", "[flags]"], width), ...wrap(isFor, width)];
  const begins = sectionLines({ title: "Begin", rows: begin }, width, namesWidth(beginnings) + 10);
  if (isWhole) {
    return joined([
      opens,
      begins,
      ...tasksOf(tree, width),
      ["Topics (herm help <topic>):", ...indented(topicNames.join(", "), { width, by: 2 })],
      ...rootNotes.map((note) => wrap(note, width)),
    ]);
  }
  const seldom = tree.filter(({ isSeldom }) => isSeldom === true).map(({ name }) => name);
  const rows = tree.filter(({ isSeldom }) => isSeldom !== true).map(nodeRow);
  return joined([
    opens,
    begins,
    sectionLines({ title: "Commands", rows }, width),
    [
      `Also: ${seldom.join(", ")}`,
      `Topics: ${topicNames.slice(0, shownTopics).join(", ")} and more (herm help topics)`,
      "herm <command> --help says more about each, --help --verbose everything.",
    ].flatMap((line) => hanging(line, width)),
  ]);
}

function tasksOf(tree: readonly CommandNode[], width: number): string[][] {
  const tasks = [...new Set(tree.map(({ task = "Commands" }) => task))];
  const sections = tasks.map((title) => ({
    title,
    rows: tree.filter(({ task = "Commands" }) => task === title).map(nodeRow),
  }));
  const nameWidth = namesWidth(sections.flatMap(({ rows }) => rows));
  return sections.map((section) => sectionLines(section, width, nameWidth));
}

const isFor = "The command-line tool for the automations of Herm.";

/** What a ref is. */
export const refNote = "A ref is an id (auto_…) or an exact name; a deployment can go in front: dep_…/<ref>.";

/** How every command may end; a text goes on behind it. */
export const usualEndings =
  "Every command exits with 0 when done, 1 after an unexpected error, 2 for wrong usage, 130 when interrupted";

const rootNotes = [refNote, `${usualEndings}; herm <command> --help --verbose lists its other exit codes.`];

/** What a newcomer does first. */
export const beginnings: readonly HelpRow[] = [
  ["herm --local automations list", "try everything without an account"],
  ["herm automations create", "asks for what it needs"],
  ["herm automations list", "what there is, and when it runs next"],
  ["herm automations trigger <ref>", "run one now, and follow the run"],
  ["herm runs list --failed --since 12h", "find out why last night failed"],
];

const helpFlag: HelpRow = ["-h, --help", "show help; with --verbose, this page"];

/** The flags of the command itself that people give. */
export function ownFlags({ flags }: CommandDeclaration): NamedFlag[] {
  return namedFlags(flags).filter(({ isHidden }) => isHidden !== true);
}

function flagRow({ long, short, takes, about }: NamedFlag): HelpRow {
  return [flagNames({ long, short, value: takes }), about];
}

function longNames(flags: readonly { long: string }[]): string {
  return flags.map(({ long }) => long).join(", ");
}

function argumentRows(declaration: CommandDeclaration): HelpRow[] {
  return shownArguments(declaration).map(({ name, about }): HelpRow => [name, about]);
}

function exitCodeRows({ exitCodes: codes = {} }: CommandHelp): HelpRow[] {
  return Object.entries(codes).map(([code, words]): HelpRow => [code.padStart(2), words]);
}

function nodeRow({ name, alias, summary }: CommandNode): HelpRow {
  return [alias === undefined ? name : `${name} (${alias})`, summary];
}

function opening({ declaration, nodes }: CommandPage, width: number): string[] {
  const path = nodes.map(({ name }) => name);
  const alias = nodes.at(-1)?.alias;
  const lines = usage([...usageWords(declaration, path), "[flags]"], width);
  return alias === undefined ? lines : [...lines, `Alias: herm ${[...path.slice(0, -1), alias].join(" ")}`];
}

function usage(words: readonly string[], width: number): string[] {
  return hanging(`Usage: ${words.join(" ")}`, width);
}

function exampleLines(examples: readonly string[], width: number): string[] {
  return ["Examples:", ...examples.flatMap((line) => commandLines(line, width))];
}

/** No section where it has no rows. */
function sectionOf(section: Section, width: number): string[][] {
  return section.rows.length === 0 ? [] : [sectionLines(section, width)];
}

function joined(blocks: readonly string[][]): string {
  return `${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

function lineCount(page: string): number {
  return page.split("\n").length - 1;
}
