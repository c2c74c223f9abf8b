import { safe } from "../output/safe.js";
import { valueText } from "../output/value-text.js";
import type { ToolCall } from "./reduce.js";

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
