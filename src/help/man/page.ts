import { nodesAt } from "../../command/tree.js";
import { commandLines, type HelpRow } from "../layout.js";
import type { Block } from "../topic.js";
import { findTopic } from "../topics.js";
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

interface PageText {
  name: string;
  section: number;
  summary: string;
  sections: readonly (Omit<RoffSection, "blocks"> & { blocks: readonly Block[] })[];
  /** Words behind `herm help`; "" for herm itself. */
  see: readonly string[];
}

/** A page in the vocabulary of topics, as a man page: NAME, in the one form that whatis reads, what it says, SEE ALSO. */
export function manPage(page: PageText, edition: RoffEdition): string {
  const { name, section, summary, sections } = page;
  const all = [
    { title: "NAME", blocks: [`${name} - ${summary}`] },
    ...sections,
    { title: "SEE ALSO", blocks: [seeAlso(page)] },
  ];
  return roffPage({
    name,
    section,
    edition,
    sections: all.map((each): RoffSection => ({ ...each, blocks: each.blocks.flatMap(blocksOf) })),
  });
}

/** The page of a command, by the words behind `herm`. */
export function commandPageName(path: readonly string[]): string {
  return ["herm", ...path].join("-");
}

/** Pages by section and name. A name that both a topic and a command have means both, but for the page itself. */
function seeAlso({ name, section, see }: PageText): string {
  const pages = [...new Set(see)].flatMap(pagesOf).filter((page) => page !== `${name}(${section})`);
  const sortKey = (page: string) => page.slice(-2) + page;
  return pages.sort((one, other) => (sortKey(one) < sortKey(other) ? -1 : 1)).join(", ");
}

function pagesOf(words: string): string[] {
  const path = words === "" ? [] : words.split(" ");
  const isCommand = nodesAt(path).length === path.length;
  const isTopic = findTopic(path) !== undefined;
  if (!isCommand && !isTopic) throw new Error(`there is no command or topic ${words}`);
  const name = commandPageName(path);
  return [...(isCommand ? [`${name}(1)`] : []), ...(isTopic ? [`${name}(7)`] : [])];
}

function blocksOf(block: Block): RoffBlock[] {
  if (typeof block === "string") return [paragraph(roffProse(block))];
  if ("list" in block) return [bullets(block.list.map(roffProse))];
  if ("lines" in block) return [literal(block.lines.split("\n"))];
  if ("commands" in block) return commandBlocks(block.commands);
  return [namesWithMeanings(block.rows)];
}

/** Names in bold beside or above what they mean. */
function namesWithMeanings(rows: readonly HelpRow[]): RoffBlock {
  const longest = Math.max(...rows.map(([name]) => name.trim().length));
  return tagged(
    rows.map(([name, meaning]) => [code(name.replaceAll("`", "")), roffProse(meaning)]),
    longest <= mostNameBeside ? longest + 2 : undefined,
  );
}

/** Command lines to copy, those without a meaning in one block. */
function commandBlocks(commands: readonly (string | HelpRow)[]): RoffBlock[] {
  if (commands.length === 0) return [];
  if (commands.every((each) => typeof each === "string")) return [linesToType(commands)];
  return commands.flatMap((each) => {
    if (typeof each === "string") return [linesToType([each])];
    return [linesToType([each[0]]), [".RS 8", ...paragraph(roffProse(each[1])).slice(1), ".RE"]];
  });
}

function linesToType(commands: readonly string[]): RoffBlock {
  const lines = commands.flatMap((line) => commandLines(line, commandWidth));
  return typed(lines.map((line) => line.replace(/^ {2}/, "")));
}
