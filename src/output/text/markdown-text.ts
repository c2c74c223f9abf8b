import { safe } from "../safe.js";

/** What Markdown, or a host, reads inside a line: `_` at a word's edge alone, and what makes a link of an address. */
const read =
  /[\\`*[\]|~@]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|#(?=\d)|:(?=\/\/)|(?<=\b(?:mailto|xmpp)):|(?<=\bwww)\./gi;

/** Markdown that shows a text as it is. Expects what safe() gave for a cell. */
function escapeMarkdown(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replace(read, (character) => `&#${character.charCodeAt(0)};`);
}

/**
 * Code, in which no text becomes a mention, a link or a cell of its own: hosts look for those in whatever else is shown,
 * and for addresses of mail there too.
 */
export function markdownCode(text: string): string {
  const shown = escapeMarkdown(safe(text, "cell")).replaceAll("&#64;", "&#64;&#8203;");
  return `<code>${shown}</code>`;
}

/** Lines in a fence longer than any in them. Expects lines made safe. */
export function markdownFence(lines: readonly string[], language: string): string[] {
  const runs = lines.flatMap((line) => line.match(/`+/g) ?? []).map(({ length }) => length);
  const fence = "`".repeat(Math.max(2, ...runs) + 1);
  return [fence + language, ...lines, fence];
}
