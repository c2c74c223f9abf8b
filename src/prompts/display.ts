import { stripVTControlCharacters } from "node:util";
import type { PromptChoice } from "../context/prompts.js";
import { safe } from "../output/safe.js";
import type { Style } from "../output/style.js";
import { cut, displayWidth, wrap } from "../output/width.js";

export interface PromptDisplay {
  style: Style;
  columns(): number;
  rows(): number;
}

/** The text typed in answer to a question so far, in case it is interrupted. */
export interface TypedText {
  text(): string;
}

/** The number of terminal rows that a text needs. */
export function linesOf(text: string, display: PromptDisplay): number {
  const widths = text.split("\n").map((line) => displayWidth(stripVTControlCharacters(line)));
  return widths.reduce((rows, width) => rows + Math.max(1, Math.ceil((width + 1) / display.columns())), 0);
}

const mostRefusalLines = 8;

/** The question, made safe and wrapped, with room for an answer beside it. */
export function questionText(message: string, display: PromptDisplay): string {
  return wrap(safe(message, "block"), Math.max(8, display.columns() - 4)).join("\n");
}

export function noteLines(text: string, display: PromptDisplay, mostLines: number): string[] {
  if (mostLines === 0) return [];
  const lines = wrap(safe(text, "block"), Math.max(8, display.columns() - 3));
  return lines.length <= mostLines ? lines : [...lines.slice(0, mostLines - 1), "…"];
}

export function refusalLines(text: string, display: PromptDisplay): string[] {
  return noteLines(text, display, mostRefusalLines).map((line, index) =>
    display.style.bold(index === 0 ? `> ${line}` : `  ${line}`),
  );
}

export function choiceLine(name: string, display: PromptDisplay): string {
  return cut(safe(name, "cell"), Math.max(4, display.columns() - 5));
}

export function keysLine(
  keys: readonly (readonly [key: string, action: string])[],
  display: PromptDisplay,
): string {
  const text = keys.map(([key, action]) => `${key} ${action}`).join(" · ");
  return cut(text, Math.max(4, display.columns() - 1));
}

/** The choices that contain every word, in their original order. */
export function findChoices<T>(choices: readonly PromptChoice<T>[], term: string): PromptChoice<T>[] {
  const words = term.toLowerCase().split(/\s+/);
  return choices.filter((choice) => {
    const text = (choice.search ?? `${choice.name} ${choice.description ?? ""}`).toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

const asItIs = (text: string) => text;

/** The theme for @inquirer/core's `makeTheme`, and for prompts based on it. */
export function promptTheme(display: PromptDisplay) {
  const { style } = display;
  return {
    prefix: { idle: style.bold("?"), done: style.ok },
    icon: { cursor: "❯" },
    style: {
      answer: asItIs,
      message: style.bold,
      error: (text: string) => style.bold(`> ${text}`),
      defaultAnswer: (text: string) => `(${text})`,
      help: asItIs,
      highlight: style.bold,
      key: style.bold,
      disabled: asItIs,
      searchTerm: asItIs,
      description: asItIs,
      maskedText: "[input is masked]",
      keysHelpTip: (keys: [key: string, action: string][]) => keysLine(keys, display),
    },
  };
}
