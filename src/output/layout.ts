/** How a column behaves when a terminal is narrow. */
export interface Flexibility {
  /** The order in which columns give way, 1 first: cut to `minWidth`, then gone. Absent: never cut (ids). */
  shrink?: number;
  /** Default 8. */
  minWidth?: number;
  /** Shown whole or not at all: half a time says another time. */
  isWhole?: boolean;
}

/** Spaces between two columns. */
export const gap = "  ";
const defaultMinWidth = 8;
/** Up to this width a column is cut before another one goes, so that one long name doesn't cost the rest of the table. */
const comfortableWidth = 20;

/**
 * The widths that fit into `available` columns of a terminal; 0 for a column that is gone. What is longest is cut first; then
 * one column after the other gives way, in the fixed order of `shrink`; the last of them is cut and stays. What can't be
 * cut may stick out.
 */
export function layOut(
  columns: readonly Flexibility[],
  natural: readonly number[],
  available: number,
): number[] {
  const order = columns
    .map(({ shrink = 0, minWidth = defaultMinWidth, isWhole = false }, index) => ({
      index,
      shrink,
      least: isWhole ? Number.POSITIVE_INFINITY : minWidth,
      comfortable: isWhole ? Number.POSITIVE_INFINITY : comfortableWidth,
    }))
    .filter(({ shrink }) => shrink > 0)
    .sort((a, b) => a.shrink - b.shrink);
  const widths = [...natural];
  for (const [turn, { index, least }] of order.entries()) {
    const staying = order.slice(turn);
    for (const column of staying) widths[column.index] = natural[column.index] ?? 0;
    cutWidest(widths, staying, available);
    cutColumn(widths, { index, least, available });
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

/** Takes what the table is too wide from its widest columns, as evenly as they allow, down to what reads well. */
function cutWidest(
  widths: number[],
  staying: readonly { index: number; comfortable: number }[],
  available: number,
): void {
  for (let excess = totalWidth(widths) - available; excess > 0; excess -= 1) {
    const long = staying.filter(({ index, comfortable }) => (widths[index] ?? 0) > comfortable);
    const most = Math.max(...long.map(({ index }) => widths[index] ?? 0));
    const widest = long.find(({ index }) => widths[index] === most);
    if (widest === undefined) return;
    widths[widest.index] = most - 1;
  }
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
