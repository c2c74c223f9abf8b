import { displayWidth, wrap } from "../output/width.js";
import {
  commandLines,
  type HelpRow,
  helpRowLines,
  indented,
  mostNameWidth,
  mostPageWidth,
  namesWidth,
} from "./layout.js";
import type { Block, TopicText } from "./topic-pages.js";
import type { Topic } from "./topics.js";

type Headed = (heading: string) => string;

export function renderTopic(
  { summary }: Pick<Topic, "summary">,
  text: TopicText,
  { columns, headed = (heading) => heading }: { columns: number; headed?: Headed },
): string {
  const width = Math.min(columns, mostPageWidth);
  const parts = [
    wrap(`${summary[0]?.toUpperCase()}${summary.slice(1)}.`, width),
    ...text.about.map((block) => blockLines(block, { width, by: 0 })),
    ...text.sections.map(({ title, blocks }) => {
      const lines = blocks.map((block) => blockLines(block, { width, by: 2 }).join("\n"));
      return [headed(`${title}:`), lines.join("\n\n")];
    }),
    [headed("See also:"), ...text.see.map((words) => `  herm help ${words}`)],
  ];
  return `${parts.map((lines) => lines.join("\n")).join("\n\n")}\n`.replaceAll(held, " ");
}

const held = "\u00a0";
const mostHeld = 24;

/** Text without the backticks around code, as it would be typed; short code isn't broken across lines. */
function withoutMarks(text: string): string {
  return text.replaceAll(/`([^`]*)`/g, (_, code: string) =>
    code.length > mostHeld ? code : code.replaceAll(" ", held),
  );
}

interface Room {
  width: number;
  by: number;
}

function blockLines(block: Block, { width, by }: Room): string[] {
  if (typeof block === "string") return indented(withoutMarks(block), { width, by });
  if ("list" in block) return block.list.flatMap((item) => itemLines(withoutMarks(item), { width, by }));
  if ("commands" in block) return block.commands.flatMap((each) => lineWithMeaning(each, { width, by }));
  if ("lines" in block)
    return block.lines.split("\n").map((line) => (line === "" ? "" : " ".repeat(by + 2) + line));
  return tableLines(block.rows, { width, by });
}

function itemLines(text: string, { width, by }: Room): string[] {
  const [first = "", ...rest] = wrap(text, width - by - 2);
  return [`${" ".repeat(by)}- ${first}`, ...rest.map((line) => " ".repeat(by + 2) + line)];
}

function lineWithMeaning(each: string | HelpRow, { width, by }: Room): string[] {
  const [line, meaning] = typeof each === "string" ? [each] : each;
  const below = meaning === undefined ? [] : indented(withoutMarks(meaning), { width, by: by + 6 });
  return [...commandLines(line, width - by).map((one) => " ".repeat(by) + one), ...below];
}

/** Puts names and meanings side by side, or one below the other if a name is too long. */
function tableLines(rows: readonly HelpRow[], { width, by }: Room): string[] {
  const shown = rows.map(([name, meaning]): HelpRow => [withoutMarks(name), withoutMarks(meaning)]);
  if (shown.every(([name]) => displayWidth(name) <= mostNameWidth)) {
    const margin = " ".repeat(Math.max(0, by - 2));
    return shown
      .flatMap((row) => helpRowLines(row, width - margin.length, namesWidth(shown)))
      .map((line) => margin + line);
  }
  return shown.flatMap(([name, meaning]) => [
    ...indented(name, { width, by }),
    ...indented(meaning, { width, by: by + 4 }),
  ]);
}
