/** No terminal is wider: one that says so would be given lines without an end. */
export const widest = 1_000;

/** The width that a terminal says it has; undefined where that can't be so. */
export function believableWidth(width: number): number | undefined {
  if (!Number.isFinite(width) || width < 1) return undefined;
  return Math.min(widest, Math.floor(width));
}
