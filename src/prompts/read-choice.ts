import type { PromptChoice } from "../context/prompts.js";
import { safe } from "../output/safe.js";
import { findChoices } from "./display.js";

export const pageSize = 10;

/** The meaning of an answer: choices by their index, choices to show, or a refusal. */
type ChoiceAnswer =
  | { indexes: number[] }
  | { show: readonly number[] }
  | { refusal: string }
  | { isMore: true };

/** Reads a number, a name or `more`; if several may be chosen, `all`, numbers and ranges: `1,3-5`. Numbers go first. */
export function readChoice(
  text: string,
  choices: readonly PromptChoice<unknown>[],
  { isSeveral }: { isSeveral: boolean },
): ChoiceAnswer {
  const typed = text.trim();
  if (typed === "" || typed === "more") return { isMore: true };
  if (isSeveral && typed === "all") return { indexes: choices.map((_choice, index) => index) };
  if (/^[\d\s,-]+$/.test(typed)) return readNumbers(typed, choices.length, { isSeveral });
  const named = indexesOf(choices, ({ name }) => name.trim().toLowerCase() === typed.toLowerCase());
  if (named.length === 1) return { indexes: named };
  const found = new Set<PromptChoice<unknown>>(findChoices(choices, typed));
  const show = indexesOf(choices, (choice) => found.has(choice));
  return show.length === 0 ? { refusal: `nothing matches ${JSON.stringify(typed)}` } : { show };
}

function readNumbers(text: string, count: number, { isSeveral }: { isSeveral: boolean }): ChoiceAnswer {
  const indexes = new Set<number>();
  const parts = text.split(",").map((part) => part.trim());
  if (!isSeveral && (parts.length > 1 || parts[0]?.includes("-"))) return { refusal: "one number, please" };
  for (const part of parts) {
    const [, first, last = first] = /^(\d+)(?:\s*-\s*(\d+))?$/.exec(part) ?? [];
    if (first === undefined)
      return { refusal: `${JSON.stringify(part)} is neither a number nor a range such as 3-5` };
    const [from, to] = [Number(first), Number(last)];
    if (from < 1 || to > count || from > to) return { refusal: `there is no ${part}; enter 1 to ${count}` };
    for (let number = from; number <= to; number += 1) indexes.add(number - 1);
  }
  return { indexes: [...indexes].sort((a, b) => a - b) };
}

function indexesOf(
  choices: readonly PromptChoice<unknown>[],
  fits: (choice: PromptChoice<unknown>) => boolean,
): number[] {
  return choices.flatMap((choice, index) => (fits(choice) ? index : []));
}

export function matchingChoiceLines(
  choices: readonly PromptChoice<unknown>[],
  indexes: readonly number[],
): string[] {
  const shown = indexes.slice(0, pageSize).map((index) => numberedChoice(choices, index));
  const rest = indexes.length - shown.length;
  return [...shown, rest > 0 ? `${rest} more match: type more of the name` : "type the number"];
}

export function numberedChoice(choices: readonly PromptChoice<unknown>[], index: number): string {
  const { name = "", description } = choices[index] ?? {};
  return `${index + 1}. ${safe(name, "cell")}${description === undefined ? "" : `, ${safe(description, "cell")}`}`;
}
