import { toJsonLine } from "../json.js";
import { labelled } from "../labelled.js";
import type { ErrorReport, Paper } from "./format.js";

type ErrorPaper = Pick<Paper, "githubActions" | "style">;

/** `error: …` and `hint: …`. */
export function errorInWords({ message, requestId, hint }: ErrorReport, { style }: ErrorPaper): string {
  const origin = requestId === undefined ? "" : ` (request ${requestId})`;
  const lines = [labelled("error:", message + origin, (text) => style.bold(style.red(text)))];
  if (hint !== undefined) lines.push(labelled("hint:", hint, style.blue));
  return `${lines.join("\n")}\n`;
}

/** One line of JSON with the same. */
export function errorInJson(report: ErrorReport, paper: ErrorPaper): string {
  const { code, message, status, requestId: request_id, hint } = report;
  return `${toJsonLine({ error: { code, message, status, request_id, hint } }, paper)}\n`;
}
