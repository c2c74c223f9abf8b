import "../../src/commands/command-tree.js";
import type { HelpRow } from "../../src/help/layout.js";
import { skillPages } from "../../src/help/skill/skill-pages.js";
import { type Block, loadTopic, parseTopic, type TopicText } from "../../src/help/topic-pages.js";
import { topics } from "../../src/help/topics.js";

function blocksOf({ about, sections }: TopicText): Block[] {
  return [...about, ...sections.flatMap(({ blocks }) => blocks)];
}

/** The lines that a topic shows unchanged. */
export function linesOf(text: TopicText): string[] {
  return blocksOf(text).flatMap((block) =>
    typeof block === "object" && "lines" in block ? block.lines.split("\n") : [],
  );
}

/** The file that the topic shows, found by its first words. */
export async function fileOfTopic(name: string, begins: string): Promise<string> {
  const files = blocksOf(await loadTopic(name)).flatMap((block) =>
    typeof block === "object" && "lines" in block ? block.lines : [],
  );
  const file = files.find((each) => each.startsWith(begins));
  if (file === undefined) throw new Error(`${name} shows no file that begins with ${begins}`);
  return file;
}

/** The rows in the tables below a heading in the topic. */
export async function rowsOf(name: string, heading: string): Promise<HelpRow[]> {
  const { sections } = await loadTopic(name);
  return sections
    .filter(({ title }) => title === heading)
    .flatMap(({ blocks }) =>
      blocks.flatMap((block) => (typeof block === "object" && "rows" in block ? block.rows : [])),
    );
}

/** The skill's own page, read like a topic. */
export async function skillText(): Promise<TopicText> {
  return parseTopic((await skillPages[0]?.load()) ?? "");
}

/** All texts in a topic. */
export function textsOf(text: TopicText): string[] {
  return blocksOf(text).flatMap((block) => {
    if (typeof block === "string") return block;
    if ("list" in block) return block.list;
    if ("rows" in block) return block.rows.flat();
    if ("commands" in block)
      return block.commands.flatMap((each) => (typeof each === "string" ? [] : [each[1]]));
    return [];
  });
}

/** A shell line, or a line in a CI pipeline, with the pipeline's reaction to its exit code. */
const shownCommand = /^(?:(?:- )?(?:run: )?|\$ |sh ')(herm .*?)(?:'{1,3}| \|\| .*)?$/;

/** All command lines in the topics and the skill: on their own lines, and between backticks in a text. */
export async function commandsOfTopics(): Promise<string[]> {
  const texts = await Promise.all(topics.map(({ name }) => loadTopic(name)));
  return commandsOf([...texts, await skillText()]);
}

/** The same for these texts. */
export function commandsOf(texts: readonly TopicText[]): string[] {
  const found = texts.flatMap((text) => {
    const alone = blocksOf(text).flatMap((block) =>
      typeof block === "object" && "commands" in block
        ? block.commands.map((each) => (typeof each === "string" ? each : each[0]))
        : [],
    );
    const shown = linesOf(text)
      .join("\n")
      .replaceAll(/ ?\\?\n +(?=--)/g, " ")
      .split("\n")
      .flatMap((line) => shownCommand.exec(line.trim())?.[1] ?? []);
    const within = textsOf(text).flatMap((each) =>
      [...each.matchAll(/`(herm [^`]+)`/g)].map(([, line = ""]) => line),
    );
    return [...alone, ...shown, ...within];
  });
  return [...new Set(found)].filter((line) => !line.includes("…"));
}
