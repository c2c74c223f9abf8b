import type { Io } from "../context.js";
import { safe } from "./safe.js";
import { widestTerminal } from "./sink.js";

/** Breaks safe text where a terminal would (`foldProse`). */
export type Fold = (text: string) => string;

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
