import { type DiffOptions, renderTextDiff } from "../../../../output/diff.js";
import { safe } from "../../../../output/safe.js";
import { displayWidth } from "../../../../output/width.js";
import { renderTextChange } from "../../../../output/word-diff.js";

/** A longer line is a paragraph: of a new one the beginning is shown, of a changed one the words. */
export const mostLineColumns = 240;

/** What is changed of instructions: line by line, and in paragraphs by words, unless all is to be seen. Lines without line ends, made safe. */
export async function renderInstructions(
  { from, to }: { from: string | null; to: string },
  { isVerbose, ...options }: DiffOptions & { isVerbose: boolean },
): Promise<string[]> {
  const [before = "", after = ""] = [from ?? "", to].map((text) => text.replace(/\n$/, ""));
  const hasParagraph = [before, after].some((text) =>
    text.split("\n").some((line) => displayWidth(safe(line, "cell")) > mostLineColumns),
  );
  if (!hasParagraph || isVerbose) return renderTextDiff(before, after, options);
  const { style, width = mostLineColumns } = options;
  const lines = await renderTextChange(before, after, { style, width: width - 4 });
  return lines.map((line) => `  ${line}`);
}
