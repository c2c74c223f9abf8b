import { platform } from "node:os";
import { safe, spellLive } from "../output/safe.js";

export const isWindows = platform() === "win32";

/** Characters that no shell treats specially. */
const plain = /^[\w@+:,./-][\w@%+=:,./-]*$/;

export function quoteForShells(word: string): string {
  return isWindows ? quoteForWindows(word) : quoteForUnix(word);
}

// PowerShell and cmd expand these even in double quotes, and a pasted line must not run any part of them.
const unquotable = /["“”„`$]|%(?=[^%]*%)|\p{Cc}/gu;

/** Quotes a word for PowerShell and cmd, or returns `…` if it can't. @public for its test, on other systems too */
export function quoteForWindows(word: string): string {
  if (/^[\w.:/\\-]+$/.test(word)) return word;
  const text = spellLive(word.replace(unquotable, "…"), () => "…");
  return `"${text.replace(/\\+$/, "$&$&")}"`;
}

/**
 * Quotes a word for sh, dash, bash, zsh and fish, even in interactive lines. Characters that safe() would change are
 * escaped, so that the line keeps its meaning, except line ends at the end, which shells drop from a command's output.
 * A word that canBeTyped refuses isn't returned whole.
 */
function quoteForUnix(word: string): string {
  if (plain.test(word)) return word;
  if (word === "") return "''";
  const ends = /\n+$/.exec(word)?.[0] ?? "";
  const text = word.slice(0, word.length - ends.length);
  const quoted = safe(text, "cell") === text ? quoteLiterally(text) : quoteEscaped(text);
  return ends === "" ? quoted : `${quoted}'${ends}'`;
}

/** True unless the word contains a NUL or half a character, which arguments can't, or an unquotable character. */
export function canBeTyped(word: string): boolean {
  if (isWindows && word.search(unquotable) !== -1) return false;
  return !word.includes("\0") && Buffer.from(word).toString("utf8") === word;
}

/**
 * Puts quotes and backslashes outside the quotes, because only fish reads `\'` and `\\` inside. Splits `##[`, which
 * would break up a GitHub Actions log.
 */
function quoteLiterally(text: string): string {
  return text.replace(/(['\\]|(?<=##)\[)|(?:(?!['\\]|(?<=##)\[).)+/gs, (part, special?: string) =>
    special === undefined ? `'${part}'` : `\\${special}`,
  );
}

/** Escapes through printf, whose three octal digits mean the same byte everywhere. */
function quoteEscaped(text: string): string {
  const escaped = text.replace(/[\\'"!$`]|(?<=##)\[/g, escapeByte);
  return `"$(printf '%b' '${spellLive(escaped, (_codePoint, character) => escapeByte(character))}')"`;
}

function escapeByte(character: string): string {
  if (character === "\n") return "\\n";
  if (character === "\t") return "\\t";
  return [...Buffer.from(character)].map((byte) => `\\0${byte.toString(8).padStart(3, "0")}`).join("");
}
