/** How a column behaves when a terminal is narrow. */
export interface Flexibility {
  /** The order in which columns give way, 1 first: cut to `minWidth`, then gone. Absent: never cut (ids). */
  shrink?: number;
  /** Default 8. */
  minWidth?: number;
}

/** Spaces between two columns. */
export const gap = "  ";
const defaultMinWidth = 8;

/**
 * The widths that fit into `available` columns of a terminal; 0 for a column that is gone. One column after the other
 * gives way, in the fixed order of `shrink`; the last of them is cut and stays. What can't be cut may stick out.
 */
export function layOut(
  columns: readonly Flexibility[],
  natural: readonly number[],
  available: number,
): number[] {
  const widths = [...natural];
  const order = columns
    .map((column, index) => ({
      index,
      shrink: column.shrink ?? 0,
      minWidth: column.minWidth ?? defaultMinWidth,
    }))
    .filter((column) => column.shrink > 0)
    .sort((a, b) => a.shrink - b.shrink);
  for (const [turn, { index, minWidth }] of order.entries()) {
    const excess = totalWidth(widths) - available;
    if (excess <= 0) break;
    const width = widths[index] ?? 0;
    const cutWidth = Math.max(Math.min(width, minWidth), width - excess);
    const fits = width - cutWidth >= excess;
    const isLast = turn === order.length - 1;
    widths[index] = fits || isLast ? cutWidth : 0;
  }
  return widths;
}

function totalWidth(widths: readonly number[]): number {
  const shown = widths.filter((width) => width > 0);
  return shown.reduce((sum, width) => sum + width, 0) + gap.length * Math.max(0, shown.length - 1);
}
