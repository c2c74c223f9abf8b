/**
 * The man pages of every command and topic. No command loads this: the build does, and puts them where npm looks for
 * them.
 */
import type { CommandNode } from "../../command/tree.js";
import "../../command-tree.js";
import { commandTree } from "../../command/tree.js";
import { loadTopic } from "../topic-pages.js";
import { topics } from "../topics.js";
import { commandPage } from "./command-page.js";
import { commandPageName } from "./names.js";
import type { RoffEdition } from "./roff.js";
import { rootPage } from "./root-page.js";
import { topicPage } from "./topic-page.js";

export interface ManPage {
  /** Below the folder of man pages: `man1/herm-runs-list.1`. */
  path: string;
  text: string;
}

/** Every page: herm, each group, command and topic. */
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
