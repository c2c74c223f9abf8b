import { skillSections } from "../../src/help/skill/skill.js";
import type { Block, TopicText } from "../../src/help/topic.js";
import { findTopic, topics } from "../../src/help/topics.js";

function blocksOf({ about, sections }: TopicText): Block[] {
  return [...about, ...sections.flatMap(({ blocks }) => blocks)];
}

/** The lines that a topic shows as they are. */
export function linesOf(text: TopicText | undefined): string[] {
  if (text === undefined) return [];
  return blocksOf(text).flatMap((block) =>
    typeof block === "object" && "lines" in block ? block.lines.split("\n") : [],
  );
}

/** The file that the topic shows, by how it begins. */
export async function fileOfTopic(name: string, begins: string): Promise<string> {
  const text = await findTopic([name])?.load();
  const files =
    text === undefined
      ? []
      : blocksOf(text).flatMap((block) => (typeof block === "object" && "lines" in block ? block.lines : []));
  const file = files.find((each) => each.startsWith(begins));
  if (file === undefined) throw new Error(`${name} shows no file that begins with ${begins}`);
  return file;
}

/** Every text that a topic says. */
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

/** A line of a shell, or of a pipeline, with what a pipeline makes of the exit code. */
const shownCommand = /^(?:(?:- )?(?:run: )?|\$ |sh ')(herm .*?)(?:'{1,3}| \|\| .*)?$/;

/** Every command line of the topics and of the skill: those that stand alone, and those between backticks in a text. */
export async function commandsOfTopics(): Promise<string[]> {
  const texts = await Promise.all(topics.map(({ load }) => load()));
  return commandsOf([...texts, { about: [], sections: skillSections, see: [] }]);
}

/** The same of these texts. */
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
