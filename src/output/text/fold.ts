import { safe } from "../safe.js";
import { displayWidth, wrap } from "../width.js";

/** Parts in lines of at most `width` columns that break no part. Expects safe text. */
export function foldParts(
  parts: readonly string[],
  { width, separator = " · " }: { width: number | undefined; separator?: string },
): string {
  if (width === undefined) return parts.join(separator);
  const lines: string[] = [];
  for (const part of parts) {
    const line = lines.at(-1);
    const longer = `${line}${separator}${part}`;
    if (line !== undefined && displayWidth(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(line === undefined ? part : `  ${part}`);
  }
  return lines.join("\n");
}

/** A line in lines of at most `width` columns, broken at spaces, those after the first indented. Expects safe text. */
export function fold(line: string, width: number | undefined): string {
  if (width === undefined || displayWidth(line) <= width) return line;
  const indent = `${/^ */.exec(line)?.[0] ?? ""}  `;
  const [first = "", ...others] = wrap(line, Math.max(20, width - indent.length));
  return [first, ...others.map((other) => indent + other.trimStart())].join("\n");
}

/**
 * A word, or a whole command of ours up to where the sentence goes on, which could be pasted in parts; quoted words are
 * the command's.
 */
const copiedWhole =
  /(?:^ +)?[`(]?(?:herm (?:\\.|'[^']*'|"[^"]*"|(?! (?:herm|and|or|shows|show what) |[;,)`](?: |$)).)*|\S)\S*/g;

/** Folds each line of a safe text at blanks; a command, a path or an address stays whole, so that it can be copied. */
export function foldProse(text: string, width: number): string {
  return text
    .split("\n")
    .map((line) =>
      displayWidth(line) <= width
        ? line
        : foldParts(line.match(copiedWhole) ?? [], { width, separator: " " }),
    )
    .join("\n");
}

/** Lines of a text of several lines, made safe, wrapped and indented. */
export function indentedText(text: string, { columns, by }: { columns: number; by: number }): string[] {
  return wrap(safe(text, "block").trimEnd(), Math.max(10, columns - by)).map((line) =>
    `${" ".repeat(by)}${line}`.trimEnd(),
  );
}
