/**
 * The man pages of every command and topic. No command loads this: the build does, and puts them where npm looks for
 * them.
 */

import type { CommandNode } from "../../command/node.js";
import { globalFlags } from "../../command-line/global-flags.js";
import { commandTree } from "../../command-tree.js";
import { beginnings, refNote, usualEndings } from "../render.js";
import { whatThereIs } from "../skill/skill.js";
import { topics } from "../topics.js";
import { commandPage, commandRows, flagTag } from "./command-page.js";
import { commandPageName, seeAlso } from "./names.js";
import {
  code,
  paragraph,
  placeholder,
  prose,
  type RoffEdition,
  type RoffSection,
  reference,
  roffPage,
  tagged,
} from "./roff.js";
import { commandBlocks, nameSection, topicPage } from "./topic-page.js";

export interface ManPage {
  /** Below the folder of man pages: `man1/herm-runs-list.1`. */
  path: string;
  text: string;
}

/** Every page: herm, each group, command and topic. */
export async function manPages(edition: RoffEdition): Promise<ManPage[]> {
  const texts = await Promise.all(topics.map(async (topic) => ({ ...topic, text: await topic.load() })));
  const leadingTo = (words: string) =>
    texts.filter(({ text }) => text.see.includes(words)).map(({ name }) => name);
  const commands = await Promise.all(
    nodesOf(commandTree).map(async (nodes) => {
      const path = nodes.map(({ name }) => name);
      const declaration = await nodes.at(-1)?.load?.();
      const page = { nodes, declaration, topics: leadingTo(path.join(" ")) };
      return manPage(commandPageName(path), 1, commandPage(page, edition));
    }),
  );
  return [
    manPage("herm", 1, rootPage(edition)),
    ...commands,
    ...texts.map((topic) => manPage(`herm-${topic.name}`, 7, topicPage(topic, topic.text, edition))),
  ];
}

function manPage(name: string, section: number, text: string): ManPage {
  return { path: `man${section}/${name}.${section}`, text };
}

type Path = readonly [...CommandNode[], CommandNode];

function nodesOf(nodes: readonly CommandNode[], above: readonly CommandNode[] = []): Path[] {
  return nodes.flatMap((node): Path[] => [
    [...above, node],
    ...nodesOf(node.children ?? [], [...above, node]),
  ]);
}

function rootPage(edition: RoffEdition): string {
  const tasks = [...new Set(commandTree.map(({ task = "Commands" }) => task))];
  return roffPage({
    name: "herm",
    section: 1,
    edition,
    sections: [
      nameSection("herm", "command-line tool for the automations of Herm"),
      { title: "SYNOPSIS", blocks: [[`${code("herm")} ${placeholder("<command> [flags]")}`]] },
      {
        title: "DESCRIPTION",
        blocks: [paragraph(prose(whatThereIs)), paragraph(prose(refNote))],
      },
      { title: "EXAMPLES", blocks: commandBlocks(beginnings) },
      {
        title: "COMMANDS",
        blocks: [
          paragraph(
            `${prose("Each has a page of its own, and so has each command below it. What to run for what:")} ${reference("herm-tasks", 7)}.`,
          ),
        ],
      },
      ...tasks.map(
        (title): RoffSection => ({
          title,
          isSub: true,
          blocks: [
            commandRows(
              commandTree.filter(({ task = "Commands" }) => task === title),
              [],
            ),
          ],
        }),
      ),
      {
        title: "TOPICS",
        blocks: [tagged(topics.map(({ name, summary }) => [reference(`herm-${name}`, 7), prose(summary)]))],
      },
      {
        title: "OPTIONS",
        blocks: [
          tagged(
            globalFlags.map(({ long, short, value, summary }) => [
              flagTag({ long, short, takes: value }),
              prose(summary),
            ]),
          ),
          tagged([
            [
              flagTag({ long: "--help", short: "-h" }),
              prose("a command's help, within one screen; with `--verbose` everything"),
            ],
            [flagTag({ long: "--version", short: "-v" }), prose("the version")],
          ]),
        ],
      },
      {
        title: "EXIT STATUS",
        blocks: [paragraph(`${prose(`${usualEndings};`)} ${reference("herm-exit-codes", 7)} has all codes.`)],
      },
      {
        title: "ENVIRONMENT",
        blocks: [
          paragraph(
            `${prose("The key is read from `HERM_API_KEY`, or from where `herm auth login` saved it. All variables:")} ${reference("herm-environment", 7)}.`,
          ),
        ],
      },
      seeAlso(["tasks", "flags", "exit-codes", "environment"]),
    ],
  });
}
