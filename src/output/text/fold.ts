import { safe } from "../safe.js";
import { displayWidth, wrap } from "../width.js";

/** Puts parts on lines of at most `width` columns, and never breaks a part. Expects safe text. */
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

/** Breaks a line at spaces into lines of at most `width` columns, all but the first indented. Expects safe text. */
export function fold(line: string, width: number | undefined): string {
  if (width === undefined || displayWidth(line) <= width) return line;
  const indent = `${/^ */.exec(line)?.[0] ?? ""}  `;
  const [first = "", ...others] = wrap(line, Math.max(20, width - indent.length));
  return [first, ...others.map((other) => indent + other.trimStart())].join("\n");
}

/** A word, or one of our commands up to the rest of the sentence, with its quoted words; never split. */
const copiedWhole =
  /(?:^ +)?[`(]?(?:herm (?:\\.|'[^']*'|"[^"]*"|(?! (?:herm|and|or|shows|show what) |[;,)`](?: |$)).)*|\S)\S*/g;

/** Folds each line of safe text at spaces. A command, path or address isn't broken, so that it can be copied. */
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

/** The lines of a text, made safe, wrapped and indented. */
export function indentedText(text: string, { columns, by }: { columns: number; by: number }): string[] {
  return wrap(safe(text, "block").trimEnd(), Math.max(10, columns - by)).map((line) =>
    `${" ".repeat(by)}${line}`.trimEnd(),
  );
}
