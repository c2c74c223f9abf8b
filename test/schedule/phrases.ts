import { readFileSync } from "node:fs";
import { join } from "node:path";

type Phrase = [text: string, result: string, more?: string];

const table = readFileSync(join(import.meta.dirname, "phrases.tsv"), "utf8");
const [words = [], refusals = []] = table
  .trimEnd()
  .split("\n\n")
  .map((part) => part.split("\n").map((line): Phrase => line.split("\t") as Phrase));

/** Words that are understood, each with its cron expression (and its note, if there is one). */
export const understood: readonly Phrase[] = [...words, ["  every day at 9:30 pm. ", "30 21 * * *"]];

/** Words that are refused, each with its full reason and hint. */
export const refused: readonly Phrase[] = [
  ...refusals,
  ["every day at 9am \u001b[31m", '"\u001b[31m" isn\'t part of a schedule (column 18)'],
  ["", "it is empty", "every day at 9am"],
  [`every day at ${"9am, ".repeat(300)}`, "it is longer than 1024 characters"],
];
