import { cut, displayWidth } from "../../output/width.js";

export type LinePart = readonly [text: string, paint?: (text: string) => string];

/** The pieces one after the other; where they are wider than `width` columns an ellipsis ends what there is room for. */
export function joinParts(parts: readonly LinePart[], width: number): string {
  if (widthOf(parts) <= width) return parts.map(([text, paint]) => painted(text, paint)).join("");
  let room = width - 1;
  let line = "";
  for (const [text, paint] of parts) {
    const own = displayWidth(text);
    line += painted(own <= room ? text : begin(text, room), paint);
    if (own > room) break;
    room -= own;
  }
  return width > 0 ? `${line}…` : line;
}

/** Cuts without the ellipsis, which stands behind in the line's own look. */
function begin(text: string, room: number): string {
  return cut(`${text}xx`, room + 1).slice(0, -1);
}

/** Two groups of pieces at the two ends of a line: the left one is cut where there is no room for both. */
export function joinEnds(left: readonly LinePart[], right: readonly LinePart[], width: number): string {
  const rightWidth = widthOf(right);
  const leftWidth = Math.max(0, width - rightWidth - gap.length);
  const used = Math.min(leftWidth, widthOf(left));
  return (
    joinParts(left, leftWidth) + joinParts([[" ".repeat(width - rightWidth - used)], ...right], width - used)
  );
}

export function fitsEnds(left: readonly LinePart[], right: readonly LinePart[], width: number): boolean {
  return widthOf(left) + gap.length + widthOf(right) <= width;
}

const gap = "  ";

function painted(text: string, paint: LinePart[1]): string {
  return text === "" || paint === undefined ? text : paint(text);
}

function widthOf(parts: readonly LinePart[]): number {
  return parts.reduce((sum, [text]) => sum + displayWidth(text), 0);
}
