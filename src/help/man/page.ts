import { nodesAt } from "../../command/tree.js";
import { commandLines, type HelpRow } from "../layout.js";
import type { Block } from "../topic-pages.js";
import { findTopic } from "../topics.js";

/**
 * Man pages in the macros of man(7), which every reader of man pages knows: those of mdoc mark what words are, and a
 * declaration's texts don't say that. Whatever a text has in it, it is printed letter for letter.
 */

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

/** Lines of roff that stand together: a paragraph, a list, a block of command lines. */
type RoffBlock = readonly string[];

const spelled: Readonly<Record<string, string>> = {
  "\\": "\\e",
  "-": "\\-",
  "'": "\\(aq",
  '"': "\\(dq",
  "`": "\\(ga",
  "^": "\\(ha",
  "~": "\\(ti",
};

/**
 * The text as roff prints it letter for letter, in ASCII, so that it is read in any locale. What roff would print as
 * another sign, such as a hyphen where a minus was typed, is spelled out: people copy from man pages. Controls and halves
 * of characters are shown as what can't be shown.
 */
function escaped(text: string): string {
  return Array.from(text, (character) => {
    const codePoint = character.codePointAt(0) ?? 0;
    if (spelled[character] !== undefined) return spelled[character];
    if (codePoint >= 0x20 && codePoint < 0x7f) return character;
    return isShown(codePoint) ? `\\[u${codePoint.toString(16).toUpperCase().padStart(4, "0")}]` : "\\[uFFFD]";
  }).join("");
}

function isShown(codePoint: number): boolean {
  return codePoint >= 0xa0 && !(codePoint >= 0xd800 && codePoint <= 0xdfff);
}

/** Sets what is typed in bold, what is to be filled in (`<ref>`, `[flags]`) in italics, and pages as `herm-runs-list(1)`. */
/** @internal */
export function code(text: string): string {
  return inFonts(oneLine(text));
}

function inFonts(text: string): string {
  const parts = text.split(/(<[\w|,.]+>|\[[a-z|.]+\]|\bherm[a-z-]*\(\d\))/);
  return parts
    .map((part, at) => {
      if (at % 2 === 0) return inFont("B", part);
      return part.startsWith("herm") ? inFont("B", part.slice(0, -3)) + part.slice(-3) : inFont("I", part);
    })
    .join("");
}

/** A text whose code stands between backticks; flags and pages are seen without them. @internal */
export function roffProse(text: string): string {
  return oneLine(text)
    .split(/(`[^`]+`|(?<![\w-])--[a-z][a-z-]*[a-z]|\bherm[a-z-]*\(\d\))/)
    .map((part, at) => (at % 2 === 0 ? escaped(part) : inFonts(part.replaceAll("`", ""))))
    .join("");
}

function inFont(font: "B" | "I", text: string): string {
  return text === "" ? "" : `\\f${font}${escaped(text)}\\fR`;
}

/** A line of text, which is never taken for a request. */
function textLine(roff: string): string {
  return /^[.']/.test(roff) || roff === "" ? `\\&${roff}` : roff;
}

function oneLine(text: string): string {
  return text.trim().replaceAll(/[ \t\r\n]+/g, " ");
}

/** @internal */
export function paragraph(roff: string): RoffBlock {
  return [".PP", textLine(roff)];
}

/** A name and what it means, below each other or, for short names, beside each other. @internal */
export function tagged(rows: readonly HelpRow[], width?: number): RoffBlock {
  const tag = width === undefined ? ".TP" : `.TP ${width}`;
  return rows.flatMap(([name, meaning]) => [tag, textLine(name), textLine(meaning)]);
}

/** @internal */
export function bullets(items: readonly string[]): RoffBlock {
  return items.flatMap((item) => [".IP \\(bu 2", textLine(item)]);
}

/** Lines as they are, with all the room that there is. @internal */
export function literal(lines: readonly string[]): RoffBlock {
  return [".PP", ".nf", ...lines.map((line) => (line === "" ? "" : textLine(escaped(line)))), ".fi"];
}

/** Lines that a person types, indented. @internal */
export function typed(lines: readonly string[]): RoffBlock {
  const bold = lines.map((line) => textLine(inFont("B", line)));
  return [".PP", ".RS 4", ".nf", ...bold, ".fi", ".RE"];
}

interface RoffSection {
  title: string;
  blocks: readonly RoffBlock[];
  isSub?: boolean;
}

function sectionLines({ title, blocks, isSub = false }: RoffSection): readonly string[] {
  const lines = blocks.flat();
  if (lines.length === 0) return [];
  const heading = `${isSub ? ".SS" : ".SH"} "${escaped(oneLine(title))}"`;
  // Behind a heading a paragraph begins by itself.
  return [heading, ...(lines[0] === ".PP" ? lines.slice(1) : lines)];
}

export interface RoffEdition {
  version: string;
  /** The version's day, `2026-03-03`; empty: it isn't said. */
  date: string;
}

interface RoffPage {
  name: string;
  section: number;
  edition: RoffEdition;
  sections: readonly RoffSection[];
}

/**
 * Words aren't hyphenated, so that what is copied is what was written, and lines aren't stretched. Newer groffs forget
 * the requests at the next paragraph, and older ones don't know the register and the string.
 */
const asWritten = [".nr HY 0", ".nh", ".ds AD l", ".ad l"];

/** @internal */
export function roffPage({ name, section, edition, sections }: RoffPage): string {
  const title = escaped(oneLine(name.toUpperCase()));
  // Readers know a day by its plain hyphens.
  const day = escaped(oneLine(edition.date)).replaceAll("\\-", "-");
  const source = escaped(oneLine(`herm ${edition.version}`));
  const lines = [
    ".\\\" Made from what herm's commands declare about themselves: see src/help/man.",
    `.TH "${title}" "${section}" "${day}" "${source}" "herm manual"`,
    ...asWritten,
    ...sections.flatMap(sectionLines),
  ];
  return `${lines.join("\n")}\n`;
}
