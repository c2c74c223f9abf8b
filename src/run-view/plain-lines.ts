import { safe } from "../output/safe.js";
import type { Style } from "../output/style.js";
import { valueText } from "../output/value-text.js";
import { wrap } from "../output/width.js";
import { entriesSince, type RunEntry, type RunLog, type RunState, type ToolCall } from "./reduce.js";

/** Lines since `printed`, whole and uncut; the line that the agent is writing follows when it ends. */
export function plainLines(
  state: RunState,
  printed: RunLog | undefined,
  { isInWords }: Pick<Style, "isInWords"> = { isInWords: false },
): string[] {
  const signs = isInWords ? words : drawn;
  return entriesSince(state, printed).flatMap((entry) => linesOf(entry, signs));
}

const drawn = { call: "→", result: "←", of: "", question: "?" };
const words = { call: "calls", result: "result of", of: ":", question: "asks:" };

function linesOf(entry: RunEntry, signs: typeof drawn): string[] {
  switch (entry.kind) {
    case "text":
      return textLines(entry.text);
    case "call":
      return [`${signs.call} ${callText(entry.call)}`];
    case "result":
      return [`${signs.result} ${safe(entry.tool, "cell")}${signs.of} ${resultText(entry.result)}`.trimEnd()];
    case "unfinished":
      return [`${signs.result} ${safe(entry.call.tool, "cell")}${signs.of} (no result)`];
    case "question":
      return questionLines(entry.summary).map((line, at) =>
        at === 0 ? `${signs.question} ${line}` : `  ${line}`,
      );
  }
}

export function markedQuestion(summary: string, style: Style, width?: number): string[] {
  return questionLines(summary)
    .flatMap((line) => (width === undefined ? [line] : wrap(line, width - 2)))
    .map((row, at) =>
      at > 0 ? `  ${style.bold(row)}` : style.isInWords ? `asks: ${row}` : style.waiting(`? ${row}`),
    );
}

/** A question without words says so. */
export function questionLines(summary: string): string[] {
  return summary.trim() === "" ? ["the agent asks, and its question can't be read"] : textLines(summary);
}

export function callText(call: ToolCall): string {
  const given = valueText(call.data.arguments);
  return safe(given === "" ? call.tool : `${call.tool} ${given}`, "cell");
}

export function resultText(result: unknown): string {
  return safe(valueText(result), "cell");
}

export function textLines(text: string): string[] {
  const lines = text.endsWith("\n") ? text.slice(0, -1) : text;
  return safe(lines.replaceAll("\r\n", "\n").replace(/\r$/, ""), "block").split("\n");
}
