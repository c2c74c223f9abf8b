import type { CommandDeclaration } from "../../command/declaration.js";
import type { NamedFlag } from "../../command/flags.js";
import type { CommandNode } from "../../command/tree.js";
import { shownArguments, usageWords } from "../../command/usage.js";
import { globalFlags } from "../../command-line/global-flags.js";
import { type HelpRow, usualEndings } from "../layout.js";
import { ownFlags } from "../render-command.js";
import { commandPageName, seeAlso } from "./names.js";
import {
  code,
  paragraph,
  placeholder,
  type RoffBlock,
  type RoffEdition,
  type RoffSection,
  reference,
  roffPage,
  roffProse,
  tagged,
} from "./roff.js";
import { commandBlocks, nameSection, namesWithMeanings } from "./topic-page.js";

interface CommandPage {
  /** The command's groups, then itself. */
  nodes: readonly [...CommandNode[], CommandNode];
  declaration?: CommandDeclaration | undefined;
  /** The topics that lead to it, or to a command of the group. */
  topics: readonly string[];
  /** The variable that stops what a freeze refuses, and what it does. */
  frozen: readonly HelpRow[];
}

/** A command, or a group of them, as a man page of section 1. */
export function commandPage(
  { nodes, declaration, topics, frozen }: CommandPage,
  edition: RoffEdition,
): string {
  const path = nodes.map(({ name }) => name);
  const node = nodes.at(-1);
  const group = nodes.at(-2);
  if (node === undefined) throw new Error("a page of no command");
  const beside = (group?.children ?? []).filter((each) => each !== node);
  const children = node.children ?? [];
  const words = declaration === undefined ? ["herm", ...path, "<command>"] : usageWords(declaration, path);
  const own = { name: commandPageName(path), section: 1 };
  return roffPage({
    ...own,
    edition,
    sections: [
      nameSection(own.name, node.summary),
      { title: "SYNOPSIS", blocks: [[synopsis([...words, "[flags]"])]] },
      { title: "DESCRIPTION", blocks: description({ nodes, declaration }) },
      { title: "COMMANDS", blocks: children.length === 0 ? [] : [commandRows(children, path)] },
      { title: "EXAMPLES", blocks: commandBlocks(declaration?.help.examples ?? node.examples ?? []) },
      ...(declaration === undefined ? [] : detailSections(declaration, frozen)),
      seeAlso(own, [
        path.slice(0, -1).join(" "),
        "",
        ...beside.map(({ name }) => [...path.slice(0, -1), name].join(" ")),
        ...topics,
        "flags",
        "exit-codes",
        "environment",
      ]),
    ],
  });
}

function description({ nodes, declaration }: Pick<CommandPage, "nodes" | "declaration">): RoffBlock[] {
  const path = nodes.map(({ name }) => name);
  const { alias, summary } = nodes.at(-1) ?? {};
  const { about, use, notes } = declaration?.help ?? {};
  const own = about ?? `${summary?.[0]?.toUpperCase()}${summary?.slice(1)}.`;
  const short = alias && `\`herm ${[...path.slice(0, -1), alias].join(" ")}\` is short for it.`;
  return [own, use, notes, short]
    .filter((text) => text !== undefined)
    .map((text) => paragraph(roffProse(text)));
}

function synopsis(words: readonly string[]): string {
  const isPlain = (word: string) => !/^[<[]/.test(word);
  const plain = words.filter(isPlain).join(" ");
  return [code(plain), ...words.filter((word) => !isPlain(word)).map(placeholder)].join(" ");
}

/** The pages of the commands below `path`. */
export function commandRows(nodes: readonly CommandNode[], path: readonly string[]): RoffBlock {
  return tagged(
    nodes.map(({ name, summary }) => [reference(commandPageName([...path, name]), 1), roffProse(summary)]),
  );
}

function detailSections(declaration: CommandDeclaration, frozen: readonly HelpRow[]): RoffSection[] {
  const { help, isFrozen } = declaration;
  const named = shownArguments(declaration).map(({ name, about }) => [name, about] as const);
  const codes = Object.entries(help.exitCodes ?? {});
  return [
    {
      title: "ARGUMENTS",
      blocks: [tagged(named.map(([name, about]) => [placeholder(name), roffProse(about)]))],
    },
    { title: "OPTIONS", blocks: [tagged(ownFlags(declaration).map(flagRow)), sharedFlags()] },
    {
      title: "OUTPUT",
      blocks:
        help.inPipe === undefined
          ? []
          : [
              paragraph(
                `${roffProse(`In a pipe, rows separated by tabs: ${help.inPipe}. All formats:`)} ${reference("herm-output", 7)}.`,
              ),
            ],
    },
    {
      title: "EXIT STATUS",
      blocks: [
        paragraph(
          `${roffProse(`${usualEndings}; all codes:`)} ${reference("herm-exit-codes", 7)}.${codes.length === 0 ? "" : " In this command:"}`,
        ),
        ...(codes.length === 0 ? [] : [namesWithMeanings(codes)]),
      ],
    },
    { title: "ENVIRONMENT", blocks: isFrozen === undefined ? [] : [namesWithMeanings(frozen)] },
  ];
}

function flagRow({ long, short, takes, about }: NamedFlag): [string, string] {
  return [flagTag({ long, short, takes }), roffProse(about)];
}

/** `-o, --output <format>`. */
export function flagTag({ long, short, takes }: Pick<NamedFlag, "long" | "short" | "takes">): string {
  const names = short === undefined ? code(long) : `${code(short)}, ${code(long)}`;
  return takes === undefined ? names : `${names} ${placeholder(`<${takes}>`)}`;
}

function sharedFlags(): RoffBlock {
  const names = globalFlags.map(({ long }) => code(long)).join(", ");
  return paragraph(
    `Every command takes ${names} and ${code("--help")}; ${reference("herm-flags", 7)} explains them.`,
  );
}
