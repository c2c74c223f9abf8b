import type { Printer } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import { wrap } from "../../output/width.js";
import type { CheckResult } from "./checks.js";

const besideMargin = "✓ deployment  ".length;
const narrow = 40;

/** Puts the advice below the finding, so that neither is cut. */
export function findingLines(
  { check, isWell, found, aligned = found, advice }: CheckResult,
  { style, columns }: Pick<Printer, "style" | "columns">,
): string[] {
  const mark = isWell ? style.ok : style.failed;
  const isNarrow = columns < narrow;
  const margin = isNarrow ? 4 : besideMargin;
  const body = (text: string) => wrap(safe(text, "cell"), Math.max(10, columns - margin));
  const indented = (line: string) => `${" ".repeat(margin)}${line}`;
  const advised = advice === undefined ? [] : body(advice).map((line) => indented(style.bold(line)));
  const [first = "", ...rest] = body(aligned);
  if (style.isInWords)
    return [
      `${mark} ${check}: ${safe(found, "cell")}`,
      ...(advice === undefined ? [] : [`to do: ${safe(advice, "cell")}`]),
    ];
  if (isNarrow) return [`${mark} ${check}`, ...[first, ...rest].map(indented), ...advised];
  return [`${mark} ${check.padEnd(margin - 2)}${first}`, ...rest.map(indented), ...advised];
}
