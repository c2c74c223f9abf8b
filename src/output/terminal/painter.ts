import { styledWidth } from "../width.js";

/** Ready lines from a terminal's first row on, none wider than `columns`. */
export interface Frame {
  lines: readonly string[];
  columns: number;
  rows: number;
}

const clearAll = "\u001b[2J";
const clearToLineEnd = "\u001b[K";
/** Marks of a synchronised update; terminals that don't know it ignore them. */
const atOnce = { begin: "\u001b[?2026h", end: "\u001b[?2026l" };

/**
 * The output that turns a screen showing `before` into `after`: the lines that differ, in one synchronised update.
 * Without `before`, and where the size has changed, all of it. Never more rows than the terminal has, so that nothing
 * scrolls. The cursor is left in the last row: where nobody gives the screen back any more, the next prompt stands below
 * what is drawn.
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
 * Clears first where a line ends in the last column: behind it nothing can be cleared, and a terminal that takes a
 * character for narrower would keep what stood at its end.
 */
function lineAt(row: number, line: string, columns: number): string {
  const text = styledWidth(line) < columns ? line + clearToLineEnd : clearToLineEnd + line;
  return `\u001b[${row + 1};1H${text}`;
}
