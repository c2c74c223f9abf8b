import type { HelpRow } from "./layout.js";

export function page(pieces: readonly string[]): string {
  return `${pieces.join("\n\n")}\n`;
}

/** Text whose `<` and `*` outside of code are shown as they are, and not taken for HTML or emphasis. */
export function markdownProse(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith("`") ? part : part.replaceAll("<", "\\<").replaceAll("*", "\\*")))
    .join("");
}

export function markdownTable(rows: readonly HelpRow[]): string {
  const cell = (text: string) => markdownProse(text).replaceAll("|", "\\|");
  const lines = rows.map((row) => `| ${row.map(cell).join(" | ")} |`);
  return ["| What | Meaning |", "| --- | --- |", ...lines].join("\n");
}
