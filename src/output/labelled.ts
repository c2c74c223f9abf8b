import type { Io } from "../context.js";
import { safe } from "./safe.js";
import { widestTerminal } from "./sink.js";
import type { Style } from "./style.js";

/** Breaks safe text where a terminal would (`foldProse`); as it is where nothing is to be broken. */
export type Fold = (text: string) => string;

/** The fold of stderr, which is loaded for a terminal alone. */
export async function loadFold(io: Pick<Io, "stderrIsTty" | "columns">): Promise<Fold> {
  if (!io.stderrIsTty || io.columns >= widestTerminal) return (text) => text;
  const { foldProse } = await import("./text/fold.js");
  return (text) => foldProse(text, io.columns);
}

/** A label and plain text made safe; further lines are indented, so that a text can't pass for a label of ours. */
export function labelled(
  label: string,
  text: string,
  { paint, fold }: { paint?(text: string): string; fold: Fold },
): string {
  const folded = fold(`${label} ${safe(text, "block").replaceAll("\n", "\n  ")}`);
  return (paint?.(label) ?? label) + folded.slice(label.length);
}

/** What is told of one thing below its title, a label and its value on each line. Expects safe text. */
export function labelledRows(
  rows: readonly (readonly [label: string, value: string])[],
  { width, style }: { width: number; style: Style },
): string[] {
  if (style.isInWords) return rows.map(([label, value]) => `${label}: ${value}`);
  return rows.map(([label, value]) => `  ${label.padEnd(width)} ${value}`);
}
