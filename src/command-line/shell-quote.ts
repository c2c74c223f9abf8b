import { platform } from "node:os";
import { safe, spellLive } from "../output/safe.js";

export const isWindows = platform() === "win32";

/** Characters that no shell treats specially. */
const plain = /^[\w@+:,./-][\w@%+=:,./-]*$/;

export function quoteForShells(word: string): string {
  return isWindows ? quoteForWindows(word) : quoteForUnix(word);
}

// PowerShell or cmd reads these in double quotes too: a line that is pasted into either must run nothing of it.
const unquotable = /["“”„`$]|%(?=[^%]*%)|\p{Cc}/gu;

/**
 * Quotes a word for PowerShell and cmd; what can't be quoted for both is `…`, as what is too long.
 * @public for its test, on other systems too
 */
export function quoteForWindows(word: string): string {
  if (/^[\w.:/\\-]+$/.test(word)) return word;
  const text = spellLive(word.replace(unquotable, "…"), () => "…");
  return `"${text.replace(/\\+$/, "$&$&")}"`;
}

/**
 * Quotes a word for sh, dash, bash, zsh and fish, interactive lines too. What safe() would change is escaped, so that
 * a line that was made safe still says the same; line ends at the end stay, since no shell gives them back from a
 * command. A word that canBeTyped refuses isn't given back whole.
 */
function quoteForUnix(word: string): string {
  if (plain.test(word)) return word;
  if (word === "") return "''";
  const ends = /\n+$/.exec(word)?.[0] ?? "";
  const text = word.slice(0, word.length - ends.length);
  const quoted = safe(text, "cell") === text ? quoteLiterally(text) : quoteEscaped(text);
  return ends === "" ? quoted : `${quoted}'${ends}'`;
}

/** True unless it holds a NUL or half a character, which no argument can, or what can't be quoted. */
export function canBeTyped(word: string): boolean {
  if (isWindows && word.search(unquotable) !== -1) return false;
  return !word.includes("\0") && Buffer.from(word).toString("utf8") === word;
}

/**
 * Puts quotes and backslashes outside of the quotes: fish reads `\'` and `\\` inside of them as well, the others
 * don't. So does `##[`, which a log of GitHub Actions would break up.
 */
function quoteLiterally(text: string): string {
  return text.replace(/(['\\]|(?<=##)\[)|(?:(?!['\\]|(?<=##)\[).)+/gs, (part, special?: string) =>
    special === undefined ? `'${part}'` : `\\${special}`,
  );
}

/** Escapes through printf, which reads a byte's three octal digits alike everywhere. */
function quoteEscaped(text: string): string {
  const escaped = text.replace(/[\\'"!$`]|(?<=##)\[/g, escapeByte);
  return `"$(printf '%b' '${spellLive(escaped, (_codePoint, character) => escapeByte(character))}')"`;
}

function escapeByte(character: string): string {
  if (character === "\n") return "\\n";
  if (character === "\t") return "\\t";
  return [...Buffer.from(character)].map((byte) => `\\0${byte.toString(8).padStart(3, "0")}`).join("");
}
