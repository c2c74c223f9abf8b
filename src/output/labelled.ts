import { safe } from "./safe.js";
import type { Style } from "./style.js";

/** A label and plain text made safe; further lines are indented, so that a text can't pass for a label of ours. */
export function labelled(label: string, text: string, colour: (text: string) => string): string {
  return `${colour(label)} ${safe(text, "block").replaceAll("\n", "\n  ")}`;
}

/** What is told of one thing below its title, a label and its value on each line. Expects safe text. */
export function labelledRows(
  rows: readonly (readonly [label: string, value: string])[],
  { width, style }: { width: number; style: Style },
): string[] {
  if (style.isInWords) return rows.map(([label, value]) => `${label}: ${value}`);
  return rows.map(([label, value]) => `  ${style.dim(label.padEnd(width))} ${value}`);
}
