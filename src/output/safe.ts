import { spellLive } from "./text/live-characters.js";

/**
 * Makes untrusted text harmless on a terminal and keeps it readable: encoded, never stripped, since what stripping
 * leaves can join into something live. Every text of a server or a person passes here before a human sees it.
 * A "block" keeps its line ends and tabs; in a "cell" they are escaped, so that a row stays one row.
 * Emoji and the world's scripts come through unchanged; what was made safe stays as it is when it comes again.
 */
export function safe(text: string, kind: "cell" | "block"): string {
  return spellLive(text, (codePoint, character) => {
    if (character !== "\n" && character !== "\t") return spell(codePoint);
    return kind === "block" ? character : character === "\n" ? "\\n" : "\\t";
  });
}

function spell(codePoint: number): string {
  if (codePoint < 0x20 || codePoint === 0x7f) return `^${String.fromCharCode(codePoint ^ 0x40)}`;
  if (codePoint >= 0xd800 && codePoint <= 0xdfff) return "\ufffd";
  return `<U+${codePoint.toString(16).toUpperCase().padStart(4, "0")}>`;
}
