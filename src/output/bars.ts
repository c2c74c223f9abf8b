import { hasBlocks } from "./blocks.js";
import { displayWidth } from "./width.js";

/** How bars are drawn: in eighths of a column, or with `#` where the terminal may have no blocks. */
export interface BarSigns {
  whole: string;
  /** Parts of a column, the smallest first. */
  parts: readonly string[];
}

const blocks: BarSigns = { whole: "█", parts: ["▏", "▎", "▍", "▌", "▋", "▊", "▉"] };
const plain: BarSigns = { whole: "#", parts: [] };

/** Blocks where the terminal has them. */
export function barSigns(environment: Parameters<typeof hasBlocks>[0]): BarSigns {
  return hasBlocks(environment) ? blocks : plain;
}

/** A bar as long as its share of `width` columns; what isn't nothing can be seen. */
export function bar(share: number, { width, signs }: { width: number; signs: BarSigns }): string {
  const { whole, parts } = signs;
  const steps = parts.length + 1;
  const filled = share <= 0 ? 0 : Math.max(1, Math.round(Math.min(1, share) * Math.max(0, width) * steps));
  const text = whole.repeat(Math.floor(filled / steps)) + (parts[(filled % steps) - 1] ?? "");
  return displayWidth(text) <= width ? text : "";
}
