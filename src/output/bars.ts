import { displayWidth } from "./width.js";

/** How bars are drawn: in eighths of a column, or with `#` where the terminal may have no blocks. */
export interface BarSigns {
  whole: string;
  /** Parts of a column, the smallest first. */
  parts: readonly string[];
}

const blocks: BarSigns = { whole: "█", parts: ["▏", "▎", "▍", "▌", "▋", "▊", "▉"] };
const plain: BarSigns = { whole: "#", parts: [] };

/**
 * Blocks, but on the Linux console, whose font lacks most of them, and where the locale says that the terminal isn't of
 * Unicode. A locale that says nothing says nothing against it.
 */
export function barSigns({ env }: { env(name: string): string | undefined }): BarSigns {
  const locale = env("LC_ALL") || env("LC_CTYPE") || env("LANG") || "UTF-8";
  return env("TERM") !== "linux" && /utf-?8/i.test(locale) ? blocks : plain;
}

/** A bar as long as its share of `width` columns; what isn't nothing can be seen. */
export function bar(share: number, { width, signs }: { width: number; signs: BarSigns }): string {
  const { whole, parts } = signs;
  const steps = parts.length + 1;
  const filled = share <= 0 ? 0 : Math.max(1, Math.round(Math.min(1, share) * Math.max(0, width) * steps));
  const text = whole.repeat(Math.floor(filled / steps)) + (parts[(filled % steps) - 1] ?? "");
  return displayWidth(text) <= width ? text : "";
}
