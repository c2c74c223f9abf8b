import { withoutUser } from "../../command-line/next-command.js";
import { quoteForShells } from "../../command-line/shell-quote.js";
import type { Context } from "../../context.js";

const mostOfWord = 120;
const mostInAll = 2_000;

/** The command of this call for the history: it can be pasted unless long texts were cut; no key is in it. */
export function commandText({ words, settings }: Pick<Context, "words" | "settings">): string {
  const shown = words.map((word) => quoteForShells(cut(settings.redact(withoutUser(word)), mostOfWord)));
  return cut(["herm", ...shown].join(" "), mostInAll);
}

function cut(text: string, most: number): string {
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join("")}…`;
}
