import type { HelpRow } from "./layout.js";
import type { Block, Topic, TopicText } from "./topic.js";

/** A topic as a page of Markdown; `see` says how its reader gets to what it leads to. */
export function topicAsMarkdown(
  { summary }: Pick<Topic, "summary">,
  text: TopicText,
  see: (words: string) => string = (words) => `\`herm help ${words}\``,
): string {
  const title = `${summary[0]?.toUpperCase()}${summary.slice(1)}`;
  const leads = text.see.length === 0 ? [] : [`See also: ${text.see.map(see).join(", ")}.`];
  return page([
    `# ${title}`,
    ...blocksAsMarkdown(text.about),
    ...sectionsAsMarkdown(text.sections),
    ...leads,
  ]);
}

/** Sections with their headings, in pieces that stand apart. */
export function sectionsAsMarkdown(sections: TopicText["sections"]): string[] {
  return sections.flatMap(({ title, blocks }) => [`## ${title}`, ...blocksAsMarkdown(blocks)]);
}

function blocksAsMarkdown(blocks: readonly Block[]): string[] {
  return blocks.map(blockAsMarkdown);
}

/** Pieces as one text. */
export function page(pieces: readonly string[]): string {
  return `${pieces.join("\n\n")}\n`;
}

function blockAsMarkdown(block: Block): string {
  if (typeof block === "string") return markdownProse(block);
  if ("list" in block) return block.list.map((item) => `- ${markdownProse(item)}`).join("\n");
  if ("lines" in block) return fenced(block.lines, "");
  if ("commands" in block) return commandsAsMarkdown(block.commands);
  return table(block.rows);
}

/** Text whose `<` and `*` outside of code are shown as they are, and not taken for HTML or emphasis. */
export function markdownProse(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith("`") ? part : part.replaceAll("<", "\\<").replaceAll("*", "\\*")))
    .join("");
}

/** Command lines alone are a block to copy; with their meanings a list. */
function commandsAsMarkdown(commands: readonly (string | HelpRow)[]): string {
  if (commands.every((each) => typeof each === "string")) return fenced(commands.join("\n"), "sh");
  return commands
    .map((each) =>
      typeof each === "string" ? `- \`${each}\`` : `- \`${each[0]}\`: ${markdownProse(each[1])}`,
    )
    .join("\n");
}

function fenced(text: string, language: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}

function table(rows: readonly HelpRow[]): string {
  const lines = rows.map(([name, meaning]) => `| ${cell(name)} | ${cell(meaning)} |`);
  return ["| What | Meaning |", "| --- | --- |", ...lines].join("\n");
}

function cell(text: string): string {
  return markdownProse(text.trim()).replaceAll("|", "\\|");
}
