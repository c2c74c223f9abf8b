/**
 * Man pages in the macros of man(7), which every reader of man pages knows: those of mdoc mark what words are, and a
 * declaration's texts don't say that. Whatever a text has in it, it is printed letter for letter.
 */

import type { HelpRow } from "../layout.js";

/** Lines of roff that stand together: a paragraph, a list, a block of command lines. */
export type RoffBlock = readonly string[];

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

/** A text whose code stands between backticks; flags and pages are seen without them. */
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

export function paragraph(roff: string): RoffBlock {
  return [".PP", textLine(roff)];
}

/** A name and what it means, below each other or, for short names, beside each other. */
export function tagged(rows: readonly HelpRow[], width?: number): RoffBlock {
  const tag = width === undefined ? ".TP" : `.TP ${width}`;
  return rows.flatMap(([name, meaning]) => [tag, textLine(name), textLine(meaning)]);
}

export function bullets(items: readonly string[]): RoffBlock {
  return items.flatMap((item) => [".IP \\(bu 2", textLine(item)]);
}

/** Lines as they are, with all the room that there is. */
export function literal(lines: readonly string[]): RoffBlock {
  return [".PP", ".nf", ...lines.map((line) => (line === "" ? "" : textLine(escaped(line)))), ".fi"];
}

/** Lines that a person types, indented. */
export function typed(lines: readonly string[]): RoffBlock {
  const bold = lines.map((line) => textLine(inFont("B", line)));
  return [".PP", ".RS 4", ".nf", ...bold, ".fi", ".RE"];
}

export interface RoffSection {
  title: string;
  blocks: readonly RoffBlock[];
  isSub?: boolean;
}

/** The section's lines; none where it has no blocks. */
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
