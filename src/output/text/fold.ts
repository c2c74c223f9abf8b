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

/** A command of ours, a path, an address: stays whole, so that it can be copied. */
const copied = /\bherm |[/\\]\S*[/\\]/;

/** Folds each line of a safe text, but those with something to copy. */
export function foldProse(text: string, width: number): string {
  return text
    .split("\n")
    .flatMap((line) => {
      if (displayWidth(line) <= width || copied.test(line)) return line;
      const [first = "", ...rest] = wrap(line, Math.max(20, width - 2));
      return [first, ...rest.map((each) => `  ${each}`)];
    })
    .join("\n");
}

/** Lines of a text of several lines, made safe, wrapped and indented. */
export function indentedText(text: string, { columns, by }: { columns: number; by: number }): string[] {
  return wrap(safe(text, "block").trimEnd(), Math.max(10, columns - by)).map((line) =>
    `${" ".repeat(by)}${line}`.trimEnd(),
  );
}
