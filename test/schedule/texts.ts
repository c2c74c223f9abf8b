import fc from "fast-check";
import { refused, understood } from "./phrases.js";

const vocabulary = [...understood, ...refused]
  .flatMap(([text]) => text.split(/\s+/))
  .concat(["*", "/", "-", ",", "5"]);

const wordSalad = fc
  .array(fc.constantFrom(...vocabulary), { maxLength: 40 })
  .map((words) => words.join(" ").slice(0, 1024));

/** Texts up to 1 KiB: any characters, and the words of schedules in any order. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "binary", maxLength: 512 }),
  fc.string({ unit: "grapheme", maxLength: 400 }),
  wordSalad,
);
