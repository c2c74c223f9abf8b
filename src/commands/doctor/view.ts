import { drawBlock } from "../../output/block.js";
import type { Printer } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import { wrap } from "../../output/width.js";
import type { CheckResult } from "./checks.js";

const besideMargin = "✓ deployment  ".length;
const narrow = 40;

/** Puts the advice below the finding, so that neither is cut. */
export async function findingLines(
  { check, isWell, found, aligned = found, advice }: CheckResult,
  { style, columns }: Pick<Printer, "style" | "columns">,
): Promise<string[]> {
  const mark = isWell ? style.ok : style.failed;
  const isNarrow = columns < narrow;
  const margin = isNarrow ? 4 : besideMargin;
  const body = (text: string) => wrap(safe(text, "cell"), Math.max(10, columns - margin));
  const indented = (line: string) => `${" ".repeat(margin)}${line}`;
  const lines = [...body(aligned), ...(advice === undefined ? [] : body(advice).map(style.bold))];
  if (style.isInWords)
    return [
      `${mark} ${check}: ${safe(found, "cell")}`,
      ...(advice === undefined ? [] : [`to do: ${safe(advice, "cell")}`]),
    ];
  if (isNarrow) return [`${mark} ${check}`, ...lines.map(indented)];
  return drawBlock([[`${mark} ${check}`, lines.join("\n")]], { gap: "", labelWidth: margin });
}
