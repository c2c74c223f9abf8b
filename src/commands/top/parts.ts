import { cut, displayWidth } from "../../output/width.js";

/** A piece of a line: safe text, and how it looks. */
export type Part = readonly [text: string, paint?: (text: string) => string];

/** The pieces one after the other; where they are wider than `width` columns an ellipsis ends what there is room for. */
export function lineOf(parts: readonly Part[], width: number): string {
  const isCut = widthOf(parts) > width;
  let room = isCut ? width - 1 : width;
  let line = "";
  for (const [text, paint = same] of parts) {
    const isWhole = displayWidth(text) <= room;
    const shown = isWhole ? text : begin(text, room);
    line += shown === "" ? "" : paint(shown);
    if (!isWhole) break;
    room -= displayWidth(text);
  }
  return isCut && width > 0 ? `${line}…` : line;
}

/** What fits into `room` columns of a text that is wider; the ellipsis stands behind, in the line's own look. */
function begin(text: string, room: number): string {
  return cut(`${text}xx`, room + 1).slice(0, -1);
}

/** Two groups of pieces at the two ends of a line: the left one is cut where there is no room for both. */
export function lineEnds(left: readonly Part[], right: readonly Part[], width: number): string {
  const rightWidth = widthOf(right);
  const leftWidth = Math.max(0, width - rightWidth - gap.length);
  const used = Math.min(leftWidth, widthOf(left));
  return lineOf(left, leftWidth) + lineOf([[" ".repeat(width - rightWidth - used)], ...right], width - used);
}

/** Whether both have room in a line, whole. */
export function fitsEnds(left: readonly Part[], right: readonly Part[], width: number): boolean {
  return widthOf(left) + gap.length + widthOf(right) <= width;
}

const gap = "  ";
const same = (text: string): string => text;

function widthOf(parts: readonly Part[]): number {
  return parts.reduce((sum, [text]) => sum + displayWidth(text), 0);
}
