import { spawnSync } from "node:child_process";

const signs: Readonly<Record<string, string>> = {
  "\\e": "\\",
  "\\-": "-",
  "\\&": "",
  "\\(aq": "'",
  "\\(dq": '"',
  "\\(ga": "`",
  "\\(ha": "^",
  "\\(ti": "~",
  "\\(bu": "•",
};

/** A line of text as roff prints it, without fonts. Throws for an escape that herm's man pages don't use. */
export function unroff(line: string): string {
  return line.replaceAll(/\\(?:\[u([0-9A-F]{4,6})\]|f[BIR]|\(..|.)/g, (sequence, hex?: string) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (sequence.startsWith("\\f")) return "";
    const sign = signs[sequence];
    if (sign === undefined) throw new Error(`${sequence} isn't known`);
    return sign;
  });
}

/** Lines that roff reads as requests. */
export function requestsIn(lines: readonly string[]): string[] {
  return lines.filter((line) => /^[.']/.test(line));
}

/** The sections and subsections after the page's comment, by title, as lines without escapes, but with requests. */
export function sectionsOf(page: string): Map<string, string[]> {
  const sections = new Map<string, string[]>();
  let lines: string[] = [];
  for (const line of page.split("\n").slice(1)) {
    const [, title] = /^\.S[HS] "(.*)"$/.exec(line) ?? [];
    if (title === undefined) lines.push(unroff(line));
    else {
      lines = [];
      sections.set(unroff(title), lines);
    }
  }
  return sections;
}

/** True if the program is installed. */
export function isThere(program: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
}
