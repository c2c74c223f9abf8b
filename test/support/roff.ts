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

/** What roff prints of a line of text, without its fonts. Throws for an escape that man pages of herm don't use. */
export function unroff(line: string): string {
  return line.replaceAll(/\\(?:\[u([0-9A-F]{4,6})\]|f[BIR]|\(..|.)/g, (sequence, hex?: string) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (sequence.startsWith("\\f")) return "";
    const sign = signs[sequence];
    if (sign === undefined) throw new Error(`${sequence} isn't known`);
    return sign;
  });
}

/** Lines that roff takes for requests. */
export function requestsIn(lines: readonly string[]): string[] {
  return lines.filter((line) => /^[.']/.test(line));
}

/** The page's sections and subsections behind its comment, by their titles, as lines without escapes; requests stay. */
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

/** Whether the program is there. */
export function isThere(program: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
}
