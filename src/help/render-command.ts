import type { CommandDeclaration, CommandHelp } from "../command/declaration.js";
import { type FlagGroup, type NamedFlag, namedFlags, shownArguments, usageWords } from "../command/flags.js";
import type { CommandNode } from "../command/tree.js";
import { wrap } from "../output/width.js";
import {
  exampleLines,
  flagRow,
  globalRows,
  type HelpRow,
  hanging,
  indented,
  joined,
  lineCount,
  mostLines,
  mostPageWidth,
  namesWidth,
  nodeRow,
  type PageLook,
  refNote,
  type Section,
  sectionLines,
  usage,
  usualEndings,
} from "./layout.js";
import type { Topic } from "./topics.js";

/** The help for a group: its commands, and as many examples as fit. */
export function renderGroupHelp(node: CommandNode, { columns, isVerbose }: PageLook): string {
  const { examples = [] } = node;
  for (let count = examples.length; ; count -= 1) {
    const page = joined(groupPage(node, columns, examples.slice(0, count)));
    if (isVerbose || count === 0 || lineCount(page) <= mostLines) return page;
  }
}

function groupPage(node: CommandNode, columns: number, examples: readonly string[]): string[][] {
  const width = Math.min(columns, mostPageWidth);
  const about = `${node.summary[0]?.toUpperCase()}${node.summary.slice(1)}`;
  const alias = node.alias === undefined ? "" : ` (alias: herm ${node.alias})`;
  return [
    [...usage(["herm", node.name, "<command>", "[flags]"], width), ...wrap(`${about}${alias}.`, width)],
    ...(examples.length === 0 ? [] : [exampleLines(examples, width)]),
    sectionLines({ title: "Commands", rows: (node.children ?? []).map(nodeRow) }, width),
    wrap(`More about a command: herm ${node.name} <command> --help`, width),
  ];
}

interface Root {
  tree: readonly CommandNode[];
  topics: readonly Topic[];
}

/** The output of `herm` alone: commands by purpose; the full help page adds all other commands, and the topics. */
export function renderRootHelp({ tree, topics }: Root, { columns, isVerbose }: PageLook): string {
  const width = Math.min(columns, mostPageWidth);
  const named = tasks.flatMap(({ rows }) => rows.flatMap(([name]) => name.split(/[ ,()]+/)));
  const others: Section[] = [
    { title: "Other commands", rows: tree.filter(({ name }) => !named.includes(name)).map(nodeRow) },
    {
      title: "Topics (herm help <topic>)",
      rows: topics.map(({ name, summary }): HelpRow => [name, summary]),
    },
  ];
  const nameWidth = namesWidth(tasks.flatMap(({ rows }) => rows));
  const lines = (section: Section) => sectionLines(section, width, nameWidth);
  const opens = [...usage(["herm", "<command>", "[flags]"], width), ...wrap(tryIt, width)];
  if (isVerbose)
    return joined([
      opens,
      ...[...tasks, ...others].map(lines),
      ...[refNote, `${usualEndings}.`].map((note) => wrap(note, width)),
    ]);
  const leads = "More: herm <command> --help, herm help topics, herm --help --verbose";
  return joined([opens, tasks.flatMap(lines), hanging(leads, width)]);
}

const tryIt = "Try it without an account: herm --local automations list";

const tasks: readonly Section[] = [
  {
    title: "Work",
    rows: [
      ["automations (auto)", "create, list, change, trigger and delete automations"],
      ["runs", "list, watch and answer runs"],
    ],
  },
  {
    title: "Watch",
    rows: [
      ["status", "what needs attention in the whole fleet"],
      ["top", "live status, with keys to act on it"],
      ["automations audit", "which scheduled runs were late or missed"],
    ],
  },
  {
    title: "Incidents",
    rows: [
      ["automations pause", "stop one automation or a whole fleet"],
      ["automations catch-up", "start one run for each automation that missed any"],
      ["incidents", "check, hand over and close incidents"],
      ["history, undo", "see and undo changes made with herm"],
    ],
  },
  {
    title: "Files",
    rows: [["apply, diff", "make automations match files (also lint, export, adopt)"]],
  },
  {
    title: "Set-up",
    rows: [
      ["auth, deployments", "log in, and choose the deployment to work on"],
      ["doctor, dev", "check your setup, run the local server"],
    ],
  },
];

const usualColumns = 80;

interface CommandPage {
  declaration: CommandDeclaration;
  nodes: readonly CommandNode[];
}

/** The help for a command: the usual part, on one screen, or all of it. */
export function renderCommandHelp(page: CommandPage, { columns, isVerbose }: PageLook): string {
  const width = Math.min(columns, mostPageWidth);
  if (isVerbose) return joined(wholePage(page, width));
  const fits = (room: Room) => lineCount(joined(shortPage(page, usualColumns, room))) <= mostLines;
  return joined(shortPage(page, width, rooms.find(fits) ?? least));
}

interface Room {
  examples: number;
  hasUse: boolean;
  /** True if there are blank lines between groups of flags. */
  isAiry: boolean;
}

const least: Room = { examples: 1, hasUse: false, isAiry: false };

const rooms: readonly Room[] = [
  { examples: 2, hasUse: true, isAiry: true },
  { examples: 2, hasUse: false, isAiry: true },
  { examples: 2, hasUse: false, isAiry: false },
];

function shortPage(page: CommandPage, width: number, room: Room): string[][] {
  const { declaration, nodes } = page;
  const { help, effect, flags = {} } = declaration;
  // A local command uses no deployment unless its flags can select several.
  const place = effect === "local" && flags.allDeployments === undefined ? "" : "-d <id|name>, ";
  const usual = ownFlags(declaration).filter(({ isAdvanced }) => isAdvanced !== true);
  const sections = sectionsOf(page, usual);
  const nameWidth = namesWidth(sections.flatMap(({ rows }) => rows));
  const groups = sections.map((section) => sectionLines(section, width, nameWidth));
  const words = nodes.map(({ name }) => name).join(" ");
  return [
    usageOf(page, width),
    exampleLines(help.examples.slice(0, room.examples), width),
    wrap(help.about, width),
    ...(room.hasUse ? [wrap(help.use, width)] : []),
    ...(room.isAiry || groups.length === 0 ? groups : [groups.flat()]),
    hanging(`Also ${place}-o <format>; more: herm ${words} --help --verbose`, width),
  ];
}

/** The subcommands, and the flags by heading; arguments are listed with the flags that choose deployments. */
function sectionsOf({ declaration, nodes }: CommandPage, flags: readonly NamedFlag[]): Section[] {
  const named = shownArguments(declaration).map(({ name, about }): HelpRow => [name, about]);
  const rowsIn = (group?: FlagGroup) => flags.filter((flag) => flag.group === group).map(flagRow);
  const choosing = rowsIn("Which ones");
  return [
    { title: "Commands", rows: (nodes.at(-1)?.children ?? []).map(nodeRow) },
    { title: "Files", rows: rowsIn("Files") },
    { title: choosing.length === 0 ? "Arguments" : "Which ones", rows: [...named, ...choosing] },
    { title: "Flags", rows: rowsIn() },
    { title: "Safety", rows: rowsIn("Safety") },
    { title: "Output", rows: rowsIn("Output") },
  ].filter(({ rows }) => rows.length > 0);
}

function wholePage(page: CommandPage, width: number): string[][] {
  const { help, printsText } = page.declaration;
  const own = sectionsOf(page, ownFlags(page.declaration));
  const sections: Section[] = [
    ...own.filter(({ title }) => title !== "Output"),
    {
      title: "Output",
      rows: [...own.flatMap(({ title, rows }) => (title === "Output" ? rows : [])), ...globalRows("Output")],
    },
    { title: "Connection", rows: globalRows("Connection") },
    { title: "Help", rows: [["-h, --help", "show help; with --verbose, this page"]] },
  ];
  const nameWidth = namesWidth(sections.flatMap(({ rows }) => rows));
  return [
    [...usageOf(page, width), ...aliasOf(page)],
    exampleLines(help.examples, width),
    wrap(help.about, width),
    wrap(help.use, width),
    ...sections.map((section) => sectionLines(section, width, nameWidth)),
    ...(help.notes === undefined ? [] : [wrap(help.notes, width)]),
    ...(help.inPipe === undefined
      ? []
      : [
          [
            `In a pipe${printsText ? " with -o table, by" : ", separated by"} tabs:`,
            ...indented(help.inPipe, { width, by: 2 }),
          ],
        ]),
    ...exitCodeLines(help, width),
  ];
}

export function ownFlags({ flags }: CommandDeclaration): NamedFlag[] {
  return namedFlags(flags).filter(({ isHidden }) => isHidden !== true);
}

function exitCodeLines({ exitCodes = {} }: CommandHelp, width: number): string[][] {
  const rows = Object.entries(exitCodes).map(([code, words]): HelpRow => [code.padStart(2), words]);
  return rows.length === 0 ? [] : [sectionLines({ title: "Exit codes", rows }, width)];
}

function aliasOf({ nodes }: CommandPage): string[] {
  const groups = nodes.slice(0, -1).map(({ name }) => name);
  const alias = nodes.at(-1)?.alias;
  return alias === undefined ? [] : [`Alias: herm ${[...groups, alias].join(" ")}`];
}

function usageOf({ declaration, nodes }: CommandPage, width: number): string[] {
  const path = nodes.map(({ name }) => name);
  return usage([...usageWords(declaration, path), "[flags]"], width);
}
