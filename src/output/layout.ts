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
/** Up to this width a column is cut before another one goes, so that one long name doesn't cost the rest of the table. */
const comfortableWidth = 24;

/**
 * The widths that fit into `available` columns of a terminal; 0 for a column that is gone. What is long is cut first; then
 * one column after the other gives way, in the fixed order of `shrink`; the last of them is cut and stays. What can't be
 * cut may stick out.
 */
export function layOut(
  columns: readonly Flexibility[],
  natural: readonly number[],
  available: number,
): number[] {
  const order = columns
    .map(({ shrink = 0, minWidth = defaultMinWidth }, index) => ({ index, shrink, minWidth }))
    .filter(({ shrink }) => shrink > 0)
    .sort((a, b) => a.shrink - b.shrink);
  const widths = [...natural];
  for (const [turn, { index, minWidth }] of order.entries()) {
    const staying = order.slice(turn);
    for (const column of staying) widths[column.index] = natural[column.index] ?? 0;
    for (const column of staying)
      cutColumn(widths, { index: column.index, least: comfortableWidth, available });
    cutColumn(widths, { index, least: minWidth, available });
    if (totalWidth(widths) <= available || staying.length === 1) break;
    widths[index] = 0;
  }
  return widths;
}

/**
 * The widths for the rows that follow: none narrower, none comes back. What must not be cut gets what it needs, the
 * others what room there is, those that give way last first.
 */
export function widen(
  columns: readonly Flexibility[],
  { widths, needed, available }: { widths: readonly number[]; needed: readonly number[]; available: number },
): number[] {
  const wider = [...widths];
  const order = columns
    .map(({ shrink = Number.POSITIVE_INFINITY }, index) => ({ index, shrink, width: widths[index] ?? 0 }))
    .filter(({ width }) => width > 0)
    .sort((a, b) => b.shrink - a.shrink);
  for (const { index, shrink, width } of order) {
    const room = Number.isFinite(shrink)
      ? Math.max(0, available - totalWidth(wider))
      : Number.POSITIVE_INFINITY;
    wider[index] = Math.max(width, Math.min(needed[index] ?? 0, width + room));
  }
  return wider;
}

/** Takes from one column what the table is too wide, down to `least`. */
function cutColumn(
  widths: number[],
  { index, least, available }: { index: number; least: number; available: number },
): void {
  const excess = totalWidth(widths) - available;
  const width = widths[index] ?? 0;
  if (excess > 0 && width > least) widths[index] = Math.max(least, width - excess);
}

function totalWidth(widths: readonly number[]): number {
  const shown = widths.filter((width) => width > 0);
  return shown.reduce((sum, width) => sum + width, 0) + gap.length * Math.max(0, shown.length - 1);
}
