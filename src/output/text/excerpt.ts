import { safe } from "../safe.js";
import { cut, displayWidth, withoutLastJoiner } from "../width.js";

/** A pattern of a plain text, whatever the case of its letters. */
export function plainPattern(text: string): RegExp {
  return new RegExp(text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`), "giu");
}

const ellipsis = "…";
/** The part of the room that goes to the text before the first match, at most. */
const shareBefore = 1 / 3;

/**
 * A line of foreign text around the first match of a pattern (`plainPattern`), each match marked. It is made safe first:
 * no mark stands within an encoded character.
 */
export function matchExcerpt(
  line: string,
  pattern: RegExp,
  { width, mark }: { width: number; mark(text: string): string },
): string {
  const [first] = line.matchAll(pattern);
  if (first === undefined) return cut(safe(line, "cell"), width);
  const shown = windowAround(line, { from: first.index, to: first.index + first[0].length, width });
  const text = safe(shown.text, "cell");
  const parts = partsOf(text, matchesIn(text, shown.text, pattern));
  return paint(excerpt(parts, { ...shown, width }), mark);
}

interface Window {
  text: string;
  /** True where the line goes on. */
  isCutBefore: boolean;
  isCutAfter: boolean;
}

/** The part of a line that could be shown: finding characters takes long in a long one. Never half a pair. */
function windowAround(
  line: string,
  { from, to, width }: { from: number; to: number; width: number },
): Window {
  const begin = Math.max(0, from - 4 * width);
  const end = Math.min(line.length, Math.min(to, from + 4 * width) + 4 * width);
  const start = /[\udc00-\udfff]/.test(line.charAt(begin)) && begin > 0 ? begin - 1 : begin;
  const stop = end < line.length && /[\ud800-\udbff]/.test(line.charAt(end - 1)) ? end - 1 : end;
  return { text: line.slice(start, stop), isCutBefore: start > 0, isCutAfter: stop < line.length };
}

/** Matches in the safe text, whole characters; one that became another text among its neighbours isn't there. */
function matchesIn(text: string, raw: string, pattern: RegExp): [start: number, end: number][] {
  const characters = charactersOf(raw);
  return [...raw.matchAll(pattern)].flatMap((hit): [number, number][] => {
    const end = hit.index + hit[0].length;
    const matched = characters.filter(({ from, to }) => from < end && hit.index < to);
    const before = safe(raw.slice(0, matched.at(0)?.from), "cell");
    const found = safe(raw.slice(matched.at(0)?.from, matched.at(-1)?.to), "cell");
    return text.startsWith(before + found) ? [[before.length, before.length + found.length]] : [];
  });
}

function charactersOf(text: string): { text: string; from: number; to: number }[] {
  return Array.from(new Intl.Segmenter().segment(text), ({ segment, index }) => {
    return { text: segment, from: index, to: index + segment.length };
  });
}

interface Part {
  text: string;
  width: number;
  isMatch: boolean;
}

function partsOf(text: string, matches: readonly (readonly [number, number])[]): Part[] {
  return charactersOf(text).map(({ text: character, from, to }) => ({
    text: character,
    width: displayWidth(character),
    isMatch: matches.some(([start, end]) => from < end && start < to),
  }));
}

/** Cuts to what fits: a little before the first match, then as much as there is room for. */
function excerpt(
  parts: readonly Part[],
  { isCutBefore, isCutAfter, width }: Omit<Window, "text"> & { width: number },
): Part[] {
  const widthOf = (from: number, to: number) =>
    parts.slice(from, to).reduce((sum, part) => sum + part.width, 0);
  const fits = (from: number, to: number) => {
    const dots = Number(from > 0 || isCutBefore) + Number(to < parts.length || isCutAfter);
    return widthOf(from, to) + dots <= width;
  };
  if (!isCutBefore && !isCutAfter && fits(0, parts.length)) return [...parts];
  const first = Math.max(0, parts.map(({ isMatch }) => isMatch).indexOf(true));
  let start = first;
  while (start > 0 && widthOf(start - 1, first) <= width * shareBefore) start -= 1;
  let end = first;
  while (end < parts.length && fits(start, end + 1)) end += 1;
  while (start > 0 && fits(start - 1, end)) start -= 1;
  const dots: Part = { text: ellipsis, width: 1, isMatch: false };
  const shown = [...(start > 0 || isCutBefore ? [dots] : []), ...parts.slice(start, end)];
  if (end === parts.length && !isCutAfter) return shown;
  return [
    ...shown.map((part) => (part === shown.at(-1) ? { ...part, text: withoutLastJoiner(part.text) } : part)),
    dots,
  ];
}

function paint(parts: readonly Part[], mark: (text: string) => string): string {
  let painted = "";
  let found = "";
  for (const { text, isMatch } of parts) {
    if (isMatch) found += text;
    else {
      painted += (found === "" ? "" : mark(found)) + text;
      found = "";
    }
  }
  return painted + (found === "" ? "" : mark(found));
}
