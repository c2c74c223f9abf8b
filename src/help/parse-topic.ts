import type { HelpRow } from "./layout.js";
import type { Block, TopicText } from "./topic.js";

/**
 * Reads a topic's page: paragraphs, lists, tables of two columns and code fences with blank lines between, below headings.
 * A fence of `sh`, and a list whose items begin with code and a colon, are command lines; the last line leads on.
 */
export function parseTopic(page: string): TopicText {
  const about: Block[] = [];
  const sections: { title: string; blocks: Block[] }[] = [];
  const see: string[] = [];
  for (const [piece, language, fenced] of page.matchAll(pieces)) {
    if (piece.startsWith("# ")) continue;
    if (piece.startsWith("## ")) sections.push({ title: piece.slice(3), blocks: [] });
    else if (piece.startsWith("See also: "))
      see.push(...[...piece.matchAll(/\[([\w-]+)\]|`herm help ([^`]+)`/g)].map(([, a, b]) => a ?? b ?? ""));
    else {
      const block = fenced === undefined ? blockOf(piece) : fencedBlock(language, fenced);
      (sections.at(-1)?.blocks ?? about).push(block);
    }
  }
  return { about, sections, see };
}

const pieces = /^```(\w*)\n([\s\S]*?)\n```$|^.+(?:\n.+)*/gm;

function fencedBlock(language: string | undefined, text: string): Block {
  return language === "sh" ? { commands: text.split("\n") } : { lines: text };
}

function blockOf(piece: string): Block {
  if (piece.startsWith("| ")) return { rows: tableRows(piece) };
  if (!piece.startsWith("- ")) return plain(piece.replaceAll("\n", " "));
  const items = piece.slice(2).split("\n- ");
  const commands = items.map((item) => /^`([^`]+)`(?:: (.+))?$/.exec(item));
  if (!commands.every((each) => each !== null)) return { list: items.map(plain) };
  return {
    commands: commands.map(([, line = "", meaning]) =>
      meaning === undefined ? line : ([line, plain(meaning)] as const),
    ),
  };
}

/** The rows below the two lines of the head; a first column that is aligned to the right stays so. */
function tableRows(table: string): HelpRow[] {
  const [, alignment = "", ...lines] = table.split("\n");
  const rows = lines.map((line): HelpRow => {
    const [, name = "", meaning = ""] = line.split(/(?<!\\)\|/).map((cell) => plain(cell.trim()));
    return [name, meaning];
  });
  if (!alignment.includes(": |")) return rows;
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, meaning]): HelpRow => [name.padStart(width), meaning]);
}

/** The text without the backslashes that Markdown needs. */
function plain(text: string): string {
  return text.replaceAll(/\\([<*|])/g, "$1");
}
