import { safe } from "../safe.js";

/** Characters that Markdown, or a host, interprets within a line: `_` at a word's edge, and those that make links. */
const read =
  /[\\`*[\]|~@]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|#(?=\d)|:(?=\/\/)|(?<=\b(?:mailto|xmpp)):|(?<=\bwww)\./gi;

/** Markdown that shows text literally. Expects safe() output for a cell. */
function escapeMarkdown(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replace(read, (character) => `&#${character.charCodeAt(0)};`);
}

/**
 * Code, in which no text becomes a mention, a link or a cell. In all other text, hosts look for those, and even for
 * e-mail addresses.
 */
export function markdownCode(text: string): string {
  const shown = escapeMarkdown(safe(text, "cell")).replaceAll("&#64;", "&#64;&#8203;");
  return `<code>${shown}</code>`;
}

/** Puts lines in a code fence that is longer than any fence in them. Expects safe lines. */
export function markdownFence(lines: readonly string[], language: string): string[] {
  const runs = lines.flatMap((line) => line.match(/`+/g) ?? []).map(({ length }) => length);
  const fence = "`".repeat(Math.max(2, ...runs) + 1);
  return [fence + language, ...lines, fence];
}
