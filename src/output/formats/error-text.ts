import { toJsonLine } from "../json.js";
import { labelled } from "../labelled.js";
import type { ErrorPaper, ErrorReport } from "./format.js";

/** `error: …` and `hint: …`. */
export function errorInWords({ message, requestId, hint }: ErrorReport, { style, fold }: ErrorPaper): string {
  const origin = requestId === undefined ? "" : ` (request ${requestId})`;
  const lines = [
    labelled("error:", message + origin, { colour: (text) => style.bold(style.red(text)), fold }),
  ];
  if (hint !== undefined) lines.push(labelled("hint:", hint, { colour: style.blue, fold }));
  return `${lines.join("\n")}\n`;
}

/** One line of JSON with the same. */
export function errorInJson(report: ErrorReport, paper: ErrorPaper): string {
  const { code, message, status, requestId: request_id, hint } = report;
  return `${toJsonLine({ error: { code, message, status, request_id, hint } }, paper)}\n`;
}
