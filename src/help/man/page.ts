import { nodesAt } from "../../command/tree.js";
import { commandLines, type HelpRow } from "../layout.js";
import type { Block } from "../topic-pages.js";
import { findTopic } from "../topics.js";

/**
 * Writes man pages in man(7) macros, which every reader knows; mdoc would mark kinds of words that a declaration
 * doesn't distinguish. All text is printed literally.
 */

/** Columns for a command line: 80 minus the indent. */
const commandWidth = 68;
/** Maximum columns of a name whose meaning is beside it. */
const mostNameBeside = 20;

interface PageText {
  name: string;
  section: number;
  summary: string;
  sections: readonly (Omit<RoffSection, "blocks"> & { blocks: readonly Block[] })[];
  /** The words after `herm help` for each page; "" for herm itself. */
  see: readonly string[];
}

/** A man page with NAME in the form that whatis reads, the text of a page, and SEE ALSO. */
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

/** The name of a command's page, made from the words after `herm`. */
export function commandPageName(path: readonly string[]): string {
  return ["herm", ...path].join("-");
}

/** Pages by section and name. A name that a topic shares with a command means both, but never the page itself. */
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

/** Names in bold, beside or above their meanings. */
function namesWithMeanings(rows: readonly HelpRow[]): RoffBlock {
  const longest = Math.max(...rows.map(([name]) => name.trim().length));
  return tagged(
    rows.map(([name, meaning]) => [code(name.replaceAll("`", "")), roffProse(meaning)]),
    longest <= mostNameBeside ? longest + 2 : undefined,
  );
}

/** Command lines to copy; those without a meaning share a block. */
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

/** The roff lines of one paragraph, one list, or one block of command lines. */
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
 * Text that roff prints literally, in ASCII for any locale. Signs that roff would change, such as minus into hyphen,
 * are spelled out, because people copy from man pages. Control characters and half characters become visible.
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

/** Sets typed text in bold and placeholders (`<ref>`, `[flags]`) in italics; pages become `herm-runs-list(1)`. */
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

/** Text with code in backticks; flags and pages are recognised even without them. @internal */
export function roffProse(text: string): string {
  return oneLine(text)
    .split(/(`[^`]+`|(?<![\w-])--[a-z][a-z-]*[a-z]|\bherm[a-z-]*\(\d\))/)
    .map((part, at) => (at % 2 === 0 ? escaped(part) : inFonts(part.replaceAll("`", ""))))
    .join("");
}

function inFont(font: "B" | "I", text: string): string {
  return text === "" ? "" : `\\f${font}${escaped(text)}\\fR`;
}

/** A line of text that is never taken for a request. */
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

/** Names and their meanings: side by side if a name is short, otherwise one below the other. @internal */
export function tagged(rows: readonly HelpRow[], width?: number): RoffBlock {
  const tag = width === undefined ? ".TP" : `.TP ${width}`;
  return rows.flatMap(([name, meaning]) => [tag, textLine(name), textLine(meaning)]);
}

/** @internal */
export function bullets(items: readonly string[]): RoffBlock {
  return items.flatMap((item) => [".IP \\(bu 2", textLine(item)]);
}

/** Lines without any changes, at full width. @internal */
export function literal(lines: readonly string[]): RoffBlock {
  return [".PP", ".nf", ...lines.map((line) => (line === "" ? "" : textLine(escaped(line)))), ".fi"];
}

/** Indented lines for the user to type. @internal */
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
  // A heading already starts a paragraph.
  return [heading, ...(lines[0] === ".PP" ? lines.slice(1) : lines)];
}

export interface RoffEdition {
  version: string;
  /** The date of the version, `2026-03-03`; left out if empty. */
  date: string;
}

interface RoffPage {
  name: string;
  section: number;
  edition: RoffEdition;
  sections: readonly RoffSection[];
}

/**
 * Turns off hyphenation and justification, so that copied words are exact. Newer groffs forget the requests at the next
 * paragraph; older ones don't know the register and the string.
 */
const asWritten = [".nr HY 0", ".nh", ".ds AD l", ".ad l"];

/** @internal */
export function roffPage({ name, section, edition, sections }: RoffPage): string {
  const title = escaped(oneLine(name.toUpperCase()));
  // Viewers of man pages recognise a date only with plain hyphens.
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
