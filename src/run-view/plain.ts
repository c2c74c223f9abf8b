import { safe } from "../output/safe.js";
import { callText, resultText, textLines } from "./line-text.js";
import { entriesSince, type RunEntry, type RunLog, type RunState } from "./reduce.js";

/**
 * The lines that have come since `printed`, for where nothing can be written twice: whole lines only, nothing cut.
 * The line that the agent is writing follows when it ends.
 */
export function plainLines(state: RunState, printed: RunLog | undefined): string[] {
  return entriesSince(state, printed).flatMap(linesOf);
}

function linesOf(entry: RunEntry): string[] {
  switch (entry.kind) {
    case "text":
      return textLines(entry.text);
    case "call":
      return [`→ ${callText(entry.call)}`];
    case "result":
      return [`← ${safe(entry.tool, "cell")} ${resultText(entry.result)}`.trimEnd()];
    case "unfinished":
      return [`← ${safe(entry.call.tool, "cell")} (no result)`];
    case "question":
      return questionLines(entry.summary).map((line, at) => (at === 0 ? `? ${line}` : `  ${line}`));
  }
}

/** What the agent asks, made safe; a question without words says so. */
export function questionLines(summary: string): string[] {
  return summary.trim() === "" ? ["the agent asks, and its question can't be read"] : textLines(summary);
}
