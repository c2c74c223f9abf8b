import type { CommandNode } from "../command/tree.js";
import { wrap } from "../output/width.js";
import {
  exampleLines,
  type HelpRow,
  hanging,
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

/** The help of a group: its commands, and as many examples as there is room for. */
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

/** Renders what `herm` alone prints: what to run for what; the whole page adds every other command and topic. */
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

/** Tasks, and what to run for each. */
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
