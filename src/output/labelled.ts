import { safe } from "./safe.js";

/** A label and plain text made safe; further lines are indented, so that a text can't pass for a label of ours. */
export function labelled(label: string, text: string, colour: (text: string) => string): string {
  return `${colour(label)} ${safe(text, "block").replaceAll("\n", "\n  ")}`;
}
