import { styledWidth } from "../width.js";

/** What a terminal is to show from its first column and row on: ready lines, none wider than `columns`. */
export interface Frame {
  lines: readonly string[];
  columns: number;
  rows: number;
}

const clearAll = "\u001b[2J";
const clearToLineEnd = "\u001b[K";
/** A terminal that knows it shows all that is between them at once; others ignore it. */
const atOnce = { begin: "\u001b[?2026h", end: "\u001b[?2026l" };

/**
 * What is to be written so that a terminal that shows `before` shows `after`: the lines that differ, each at its place,
 * in one synchronised update; nothing where nothing differs. Without `before`, and where the size has changed, all of it.
 * Never more rows than the terminal has, so that nothing scrolls. The cursor is left in the last row: where nobody gives the
 * screen back any more, the next prompt stands below what is drawn, not within.
 */
export function paint(before: Frame | undefined, after: Frame): string {
  const known = before?.columns === after.columns && before.rows === after.rows ? before : undefined;
  let changes = known === undefined ? clearAll : "";
  for (let row = 0; row < after.rows; row += 1) {
    const line = after.lines[row] ?? "";
    if (line !== (known?.lines[row] ?? "")) changes += lineAt(row, line, after.columns);
  }
  return changes === "" ? "" : `${atOnce.begin}${changes}\u001b[${after.rows}H${atOnce.end}`;
}

/**
 * Behind a line that ends in the last column nothing can be cleared: the cursor still stands on its last character. There
 * the row is cleared first, since a terminal that takes a character for narrower would keep what stood at its end.
 */
function lineAt(row: number, line: string, columns: number): string {
  const text = styledWidth(line) < columns ? line + clearToLineEnd : clearToLineEnd + line;
  return `\u001b[${row + 1};1H${text}`;
}
