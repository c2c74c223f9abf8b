import { safe } from "../output/safe.js";
import { spellLive } from "../output/text/live-characters.js";

/** What no shell reads as anything but itself, wherever it stands in a word. */
const plain = /^[\w@+:,./-][\w@%+=:,./-]*$/;

/**
 * A word as sh, dash, bash, zsh and fish all read it back, on an interactive line too, and as a terminal shows it
 * whatever is in it: what safe() would change is spelt out, so that a line that was made safe still says the same. Words
 * that end in line ends keep those as they are, since no shell gives them back from a command. What canBeTyped refuses
 * comes back as something else.
 */
export function quoteForShells(word: string): string {
  if (plain.test(word)) return word;
  if (word === "") return "''";
  const ends = /\n+$/.exec(word)?.[0] ?? "";
  const text = word.slice(0, word.length - ends.length);
  const quoted = safe(text, "cell") === text ? quoteLiterally(text) : quoteEscaped(text);
  return ends === "" ? quoted : `${quoted}'${ends}'`;
}

/** Whether a word can be given to a command at all: no argument holds a NUL, or half of a character. */
export function canBeTyped(word: string): boolean {
  return !word.includes("\0") && Buffer.from(word).toString("utf8") === word;
}

/**
 * Quotes and backslashes stand outside of the quotes, each behind a backslash: fish reads `\'` and `\\` inside of them
 * as well, the others don't. So does the last character of `##[`, which a log of GitHub Actions would break up.
 */
function quoteLiterally(text: string): string {
  return text.replace(/(['\\]|(?<=##)\[)|(?:(?!['\\]|(?<=##)\[).)+/gs, (part, special?: string) =>
    special === undefined ? `'${part}'` : `\\${special}`,
  );
}

/** Through a printf, which reads a byte's three octal digits alike everywhere; with it what is special between the quotes around it. */
function quoteEscaped(text: string): string {
  const escaped = text.replace(/[\\'"!$`]|(?<=##)\[/g, escapeByte);
  return `"$(printf '%b' '${spellLive(escaped, (_codePoint, character) => escapeByte(character))}')"`;
}

function escapeByte(character: string): string {
  if (character === "\n") return "\\n";
  if (character === "\t") return "\\t";
  return [...Buffer.from(character)].map((byte) => `\\0${byte.toString(8).padStart(3, "0")}`).join("");
}
