/** Makes man pages for every command and topic, for the build, which puts them where npm looks for them. */

import type { CommandDeclaration } from "../../command/declaration.js";
import { shownArguments, usageWords } from "../../command/flags.js";
import type { CommandNode } from "../../command/tree.js";
import { commandTree } from "../../command/tree.js";
import { globalFlags } from "../../command-line/global-flags.js";
import { automationNote, flagRow, globalRows, type HelpRow, refNote, usualEndings } from "../layout.js";
import { ownFlags } from "../render-command.js";
import { type Block, loadTopic, type TopicText } from "../topic-pages.js";
import { type Topic, topics } from "../topics.js";
import { commandPageName, manPage, type RoffEdition } from "./page.js";

interface ManPage {
  /** The path below the man folder: `man1/herm-runs-list.1`. */
  path: string;
  text: string;
}

/** All pages: one for herm itself, and one for each group, command and topic. */
export async function manPages(edition: RoffEdition): Promise<ManPage[]> {
  const texts = await Promise.all(
    topics.map(async (topic) => ({ ...topic, text: await loadTopic(topic.name) })),
  );
  const leadingTo = (words: string) =>
    texts
      .filter(({ text }) => text.see.some((each) => `${each} `.startsWith(`${words} `)))
      .map(({ name }) => name);
  const frozen = (await loadTopic("environment")).sections
    .flatMap(({ blocks }) =>
      blocks.flatMap((block) => (typeof block === "object" && "rows" in block ? block.rows : [])),
    )
    .filter(([name]) => name === "HERM_FREEZE");
  const commands = await Promise.all(
    nodesOf(commandTree()).map(async (nodes) => {
      const path = nodes.map(({ name }) => name);
      const declaration = await nodes.at(-1)?.load?.();
      const page = { nodes, declaration, topics: leadingTo(path.join(" ")), frozen };
      return { path: `man1/${commandPageName(path)}.1`, text: commandPage(page, edition) };
    }),
  );
  return [
    { path: "man1/herm.1", text: rootPage(edition) },
    ...commands,
    ...texts.map((topic) => ({
      path: `man7/herm-${topic.name}.7`,
      text: topicPage(topic, topic.text, edition),
    })),
  ];
}

type Path = readonly [...CommandNode[], CommandNode];

function nodesOf(nodes: readonly CommandNode[], above: readonly CommandNode[] = []): Path[] {
  return nodes.flatMap((node): Path[] => [
    [...above, node],
    ...nodesOf(node.children ?? [], [...above, node]),
  ]);
}

/** The page of herm itself, which leads to all others. */
function rootPage(edition: RoffEdition): string {
  const page = {
    name: "herm",
    section: 1,
    summary: "command-line tool for Herm's automations",
    sections: [
      { title: "SYNOPSIS", blocks: ["`herm <command> [flags]`"] },
      { title: "DESCRIPTION", blocks: [automationNote, refNote] },
      { title: "EXAMPLES", blocks: [{ commands: beginnings }] },
      {
        title: "COMMANDS",
        blocks: [
          "Each has its own page, as does each command below it. Which command to use for a task: herm-tasks(7).",
          commandRows(commandTree(), []),
        ],
      },
      {
        title: "TOPICS",
        blocks: [{ rows: topics.map(({ name, summary }): HelpRow => [`herm-${name}(7)`, summary]) }],
      },
      { title: "OPTIONS", blocks: [{ rows: flagRows }] },
      { title: "EXIT STATUS", blocks: [`${usualEndings}; all codes: herm-exit-codes(7).`] },
      {
        title: "ENVIRONMENT",
        blocks: [
          "The key is read from `HERM_API_KEY`, or from where `herm auth login` saved it; all variables: herm-environment(7).",
        ],
      },
    ],
    see: ["tasks", "flags", "exit-codes", "environment"],
  };
  return manPage(page, edition);
}

const beginnings: readonly HelpRow[] = [
  ["herm --local automations list", "try everything without an account"],
  ["herm automations create", "create one; it asks for what it needs"],
  ["herm automations list", "list a deployment's automations, and when each runs next"],
  ["herm automations trigger <ref>", "run one now, and follow the run"],
  ["herm runs list --failed --since 12h", "find out what failed last night"],
];

const flagRows: readonly HelpRow[] = [
  ...globalRows("Output"),
  ...globalRows("Connection"),
  ["-h, --help", "a command's help, on one screen; with `--verbose`, everything"],
  ["-v, --version", "the version; after a command, `-v` is `--verbose`"],
];

interface CommandPage {
  /** The groups that the command is in, then the command itself. */
  nodes: Path;
  declaration?: CommandDeclaration | undefined;
  /** The topics that lead to it, or to a command in its group. */
  topics: readonly string[];
  /** The variable that freezes changes, with its effect. */
  frozen: readonly HelpRow[];
}

export function commandPage(
  { nodes, declaration, topics: leading, frozen }: CommandPage,
  edition: RoffEdition,
): string {
  const path = nodes.map(({ name }) => name);
  const above = path.slice(0, -1);
  const [group, node = nodes[0]] = [nodes.at(-2), nodes.at(-1)];
  const { summary, alias, children = [], examples = [] } = node;
  const { about, use, notes } = declaration?.help ?? {};
  const words = declaration === undefined ? ["herm", ...path, "<command>"] : usageWords(declaration, path);
  const description = [
    about ?? `${summary[0]?.toUpperCase()}${summary.slice(1)}.`,
    use,
    notes,
    alias && `\`herm ${[...above, alias].join(" ")}\` is short for it.`,
  ];
  const page = {
    name: commandPageName(path),
    section: 1,
    summary,
    sections: [
      { title: "SYNOPSIS", blocks: [`\`${[...words, "[flags]"].join(" ")}\``] },
      { title: "DESCRIPTION", blocks: description.filter((text) => text !== undefined) },
      { title: "COMMANDS", blocks: [commandRows(children, path)] },
      { title: "EXAMPLES", blocks: [{ commands: declaration?.help.examples ?? examples }] },
      ...(declaration === undefined ? [] : detailSections(declaration, frozen)),
    ],
    see: [
      above.join(" "),
      "",
      ...(group?.children ?? []).map(({ name }) => [...above, name].join(" ")),
      ...leading,
      "flags",
      "exit-codes",
      "environment",
    ],
  };
  return manPage(page, edition);
}

function commandRows(nodes: readonly CommandNode[], path: readonly string[]): Block {
  const rows = nodes.map(({ name, summary }): HelpRow => [`${commandPageName([...path, name])}(1)`, summary]);
  return { rows };
}

function detailSections(declaration: CommandDeclaration, frozen: readonly HelpRow[]) {
  const { help, isFrozen } = declaration;
  const codes = Object.entries(help.exitCodes ?? {});
  const shared = globalFlags.map(({ long }) => long).join(", ");
  const rows = ownFlags(declaration).map(flagRow);
  const inPipe =
    help.inPipe && `In a pipe, rows separated by tabs: ${help.inPipe}. All formats: herm-output(7).`;
  const endings = `${usualEndings}; all codes: herm-exit-codes(7).`;
  return [
    {
      title: "ARGUMENTS",
      blocks: [{ rows: shownArguments(declaration).map(({ name, about }): HelpRow => [name, about]) }],
    },
    {
      title: "OPTIONS",
      blocks: [{ rows }, `Every command takes ${shared} and --help; herm-flags(7) explains them.`],
    },
    { title: "OUTPUT", blocks: inPipe === undefined ? [] : [inPipe] },
    {
      title: "EXIT STATUS",
      blocks: codes.length === 0 ? [endings] : [`${endings} In this command:`, { rows: codes }],
    },
    { title: "ENVIRONMENT", blocks: isFrozen === undefined ? [] : [{ rows: frozen }] },
  ];
}

export function topicPage(
  { name, summary }: Pick<Topic, "name" | "summary">,
  { about, sections, see }: TopicText,
  edition: RoffEdition,
): string {
  const page = {
    name: `herm-${name}`,
    section: 7,
    summary,
    sections: [
      { title: "DESCRIPTION", blocks: about },
      ...sections.map((section) => ({ ...section, isSub: true })),
    ],
    see: ["", name, ...see],
  };
  return manPage(page, edition);
}
