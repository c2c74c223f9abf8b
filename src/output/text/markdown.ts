import { safe } from "../safe.js";

/** Text as Markdown that shows it as it is, never as Markdown or HTML. Expects what safe() gave for a cell. */
function escapeMarkdown(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replace(/[\\`*_{}[\]()#+\-.!|~>:@]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/**
 * Any text as one that nobody can be mentioned by, and that never becomes a link, a reference or a cell of its own: hosts
 * look for those in whatever is shown, escaped or not, but not in code; for addresses of mail they do there too.
 */
export function markdownCode(text: string): string {
  const shown = escapeMarkdown(safe(text, "cell")).replaceAll("&#64;", "&#64;&#8203;");
  return `<code>${shown}</code>`;
}

/** Lines that are shown as they are, in a fence longer than any in them. Expects lines made safe. */
export function markdownFence(lines: readonly string[], language: string): string[] {
  const runs = lines.flatMap((line) => line.match(/`+/g) ?? []).map(({ length }) => length);
  const fence = "`".repeat(Math.max(2, ...runs) + 1);
  return [fence + language, ...lines, fence];
}
