import { commandLines, type HelpRow } from "../layout.js";
import type { Block, TopicText } from "../topic.js";
import type { Topic } from "../topics.js";
import { seeAlso } from "./names.js";
import {
  bullets,
  code,
  literal,
  paragraph,
  type RoffBlock,
  type RoffEdition,
  type RoffSection,
  roffPage,
  roffProse,
  tagged,
  typed,
} from "./roff.js";

/** The room for a command line: what is left of 80 columns beside the indentations. */
const commandWidth = 68;
/** The longest name, in columns, that has its meaning beside it. */
const mostNameBeside = 20;

/** A topic as a man page of section 7. */
export function topicPage(
  { name, summary }: Pick<Topic, "name" | "summary">,
  { about, sections, see }: TopicText,
  edition: RoffEdition,
): string {
  const own = { name: `herm-${name}`, section: 7 };
  return roffPage({
    ...own,
    edition,
    sections: [
      nameSection(own.name, summary),
      { title: "DESCRIPTION", blocks: about.flatMap(blocksOf) },
      ...sections.map(
        ({ title, blocks }): RoffSection => ({
          title,
          isSub: true,
          blocks: blocks.flatMap(blocksOf),
        }),
      ),
      seeAlso(own, ["", name, ...see]),
    ],
  });
}

/** NAME, in the one form that whatis and apropos read. */
export function nameSection(name: string, summary: string): RoffSection {
  return { title: "NAME", blocks: [paragraph(roffProse(`${name} - ${summary}`))] };
}

function blocksOf(block: Block): RoffBlock[] {
  if (typeof block === "string") return [paragraph(roffProse(block))];
  if ("list" in block) return [bullets(block.list.map(roffProse))];
  if ("lines" in block) return [literal(block.lines.split("\n"))];
  if ("commands" in block) return commandBlocks(block.commands);
  return [namesWithMeanings(block.rows)];
}

/** Names in bold beside or above what they mean. */
export function namesWithMeanings(rows: readonly HelpRow[]): RoffBlock {
  const longest = Math.max(...rows.map(([name]) => name.trim().length));
  return tagged(
    rows.map(([name, meaning]) => [code(name.replaceAll("`", "")), roffProse(meaning)]),
    longest <= mostNameBeside ? longest + 2 : undefined,
  );
}

/** Command lines to copy, those without a meaning in one block. */
export function commandBlocks(commands: readonly (string | HelpRow)[]): RoffBlock[] {
  if (commands.every((each) => typeof each === "string")) return [linesToType(commands)];
  return commands.flatMap((each) =>
    typeof each === "string" ? [linesToType([each])] : [linesToType([each[0]]), indented(roffProse(each[1]))],
  );
}

function linesToType(commands: readonly string[]): RoffBlock {
  const lines = commands.flatMap((line) => commandLines(line, commandWidth));
  return typed(lines.map((line) => line.replace(/^ {2}/, "")));
}

function indented(roff: string): RoffBlock {
  return [".RS 8", ...paragraph(roff).slice(1), ".RE"];
}
