import { safe } from "../output/safe.js";
import type { Choice } from "../prompts.js";
import { findChoices } from "./look.js";

/** How many choices are told at once. */
export const pageSize = 10;

/** What a typed answer to a list means: the choices by their place, a page to show, or why it can't be taken. */
export type ChoiceAnswer =
  | { places: number[] }
  | { show: readonly number[] }
  | { refusal: string }
  | { isMore: true };

/** Reads a number, a name, `more`, and for several `all`, numbers and ranges with commas: `1,3-5`. A number goes before a name. */
export function readChoice(
  text: string,
  choices: readonly Choice<unknown>[],
  { isSeveral }: { isSeveral: boolean },
): ChoiceAnswer {
  const typed = text.trim();
  if (typed === "" || typed === "more") return { isMore: true };
  if (isSeveral && typed === "all") return { places: choices.map((_choice, place) => place) };
  if (/^[\d\s,-]+$/.test(typed)) return readNumbers(typed, choices.length, { isSeveral });
  const named = placesOf(choices, ({ name }) => name.trim().toLowerCase() === typed.toLowerCase());
  if (named.length === 1) return { places: named };
  const found = new Set<Choice<unknown>>(findChoices(choices, typed));
  const show = placesOf(choices, (choice) => found.has(choice));
  return show.length === 0 ? { refusal: `nothing matches ${JSON.stringify(typed)}` } : { show };
}

function readNumbers(text: string, count: number, { isSeveral }: { isSeveral: boolean }): ChoiceAnswer {
  const places = new Set<number>();
  const parts = text.split(",").map((part) => part.trim());
  if (!isSeveral && (parts.length > 1 || parts[0]?.includes("-"))) return { refusal: "one number, please" };
  for (const part of parts) {
    const [, first, last = first] = /^(\d+)(?:\s*-\s*(\d+))?$/.exec(part) ?? [];
    if (first === undefined)
      return { refusal: `${JSON.stringify(part)} is neither a number nor a range such as 3-5` };
    const [from, to] = [Number(first), Number(last)];
    if (from < 1 || to > count || from > to) return { refusal: `there is no ${part}: 1 to ${count}` };
    for (let number = from; number <= to; number += 1) places.add(number - 1);
  }
  return { places: [...places].sort((a, b) => a - b) };
}

function placesOf(choices: readonly Choice<unknown>[], fits: (choice: Choice<unknown>) => boolean): number[] {
  return choices.flatMap((choice, place) => (fits(choice) ? place : []));
}

/** What is told of the choices that fit what was typed. */
export function foundLines(choices: readonly Choice<unknown>[], places: readonly number[]): string[] {
  const told = places.slice(0, pageSize).map((place) => numberedChoice(choices, place));
  const rest = places.length - told.length;
  return [...told, rest > 0 ? `${rest} more match: type more of the name` : "type the number"];
}

/** A choice with the number that takes it. */
export function numberedChoice(choices: readonly Choice<unknown>[], place: number): string {
  const { name = "", description } = choices[place] ?? {};
  return `${place + 1}. ${safe(name, "cell")}${description === undefined ? "" : `, ${safe(description, "cell")}`}`;
}
