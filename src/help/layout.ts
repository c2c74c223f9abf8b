import type { NamedFlag } from "../command/flags.js";
import type { CommandNode } from "../command/tree.js";
import { type GlobalFlag, globalFlags } from "../command-line/global-flags.js";
import { displayWidth, pad, wrap } from "../output/width.js";

/** A name and its meaning, shown side by side or, if there isn't room, one below the other. */
export type HelpRow = readonly [name: string, meaning: string];

export interface Section {
  title: string;
  rows: readonly HelpRow[];
}

const leastMeaningWidth = 24;
/** The meaning of a longer name is shown below it. */
export const mostNameWidth = 28;

/** The lines of the section. `nameWidth` aligns several sections. */
export function sectionLines(
  { title, rows }: Section,
  width: number,
  nameWidth = namesWidth(rows),
): string[] {
  return [`${title}:`, ...rows.flatMap((row) => helpRowLines(row, width, nameWidth))];
}

export function namesWidth(rows: readonly HelpRow[]): number {
  return Math.min(mostNameWidth, Math.max(0, ...rows.map(([name]) => displayWidth(name))));
}

/** The lines of a row, indented by two. */
export function helpRowLines([name, meaning]: HelpRow, width: number, nameWidth: number): string[] {
  const room = width - nameWidth - 4;
  if (room < leastMeaningWidth) return [`  ${name}`, ...indented(meaning, { width, by: 4 })];
  const lines = wrap(meaning, room);
  const beside = displayWidth(name) <= nameWidth;
  const margin = " ".repeat(nameWidth + 4);
  const first = beside ? `  ${pad(name, nameWidth)}  ${lines[0] ?? ""}`.trimEnd() : `  ${name}`;
  return [first, ...(beside ? lines.slice(1) : lines).map((line) => margin + line)];
}

/** Wrapped text, with each of its lines indented. */
export function indented(text: string, { width, by }: { width: number; by: number }): string[] {
  return wrap(text, width - by).map((line) => " ".repeat(by) + line);
}

/** A command line that fits any width: long lines continue with `\`. */
export function commandLines(line: string, width: number): string[] {
  const words = line.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
  const lines: string[] = [];
  let current = "  ";
  for (const [index, word] of words.entries()) {
    // A flag isn't separated from its value.
    const next = isFlag(word) && words[index + 1]?.startsWith("-") === false ? words[index + 1] : undefined;
    const piece = next === undefined ? word : `${word} ${next}`;
    const isTooLong = displayWidth(`${current} ${piece} \\`) > width && current.trim() !== "";
    const isValue = isFlag(words[index - 1]) && !word.startsWith("-");
    if (isTooLong && !isValue) {
      lines.push(`${current} \\`);
      current = `    ${word}`;
    } else current += current.trim() === "" ? word : ` ${word}`;
  }
  return [...lines, current];
}

function isFlag(word = ""): boolean {
  return /^--?\w/.test(word);
}

/** Wrapped text, with all lines but the first indented. */
export function hanging(text: string, width: number): string[] {
  const [first = "", ...rest] = wrap(text, width - 2);
  return displayWidth(text) <= width ? [text] : [first, ...rest.map((line) => `  ${line}`)];
}

/** A flag in help: `-o, --output <format>`. */
function flagNames({
  long,
  short,
  valueName: value,
}: Pick<GlobalFlag, "long" | "short" | "valueName">): string {
  const names = short === undefined ? long : `${short}, ${long}`;
  return value === undefined ? names : `${names} <${value}>`;
}

export function flagRow({ long, short, valueName, about }: NamedFlag): HelpRow {
  return [flagNames({ long, short, valueName }), about];
}

export function globalRows(group: GlobalFlag["group"]): HelpRow[] {
  return globalFlags
    .filter((flag) => flag.group === group)
    .map((flag): HelpRow => [flagNames(flag), flag.summary]);
}

export interface PageLook {
  columns: number;
  /** Prints the full help page, instead of one that fits on a terminal. */
  isVerbose: boolean;
}

/** The maximum width of a page in columns, because wider lines are tiring to read. */
export const mostPageWidth = 100;

/** The maximum lines of a page: with the command and the next prompt, it fills a terminal with 24 lines. */
export const mostLines = 23;

export const automationNote =
  "An automation tells an agent what to do, on a schedule; each execution is a run. Automations belong to a deployment, and deployments to a customer.";

export const refNote = "A ref is an id (auto_…) or an exact name; a deployment can go in front: dep_…/<ref>.";

export const usualEndings =
  "Every command exits with 0 when done or left with q, 1 after an unexpected error, 2 for wrong usage, 130 when interrupted";

export function usage(words: readonly string[], width: number): string[] {
  return hanging(`Usage: ${words.join(" ")}`, width);
}

export function exampleLines(examples: readonly string[], width: number): string[] {
  return ["Examples:", ...examples.flatMap((line) => commandLines(line, width))];
}

/** Blocks separated by blank lines. */
export function joined(blocks: readonly (readonly string[])[]): string {
  return `${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

export function lineCount(page: string): number {
  return page.split("\n").length - 1;
}

export function nodeRow({ name, alias, summary }: CommandNode): HelpRow {
  return [alias === undefined ? name : `${name} (${alias})`, summary];
}
