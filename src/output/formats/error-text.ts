import { toJsonLine } from "../json.js";
import { labelled } from "../labelled.js";
import { safe } from "../safe.js";
import type { ErrorOptions, ErrorReport } from "./format.js";

/** `error: …` and `hint: …`; a person's "no" is no error. */
export function errorInWords(report: ErrorReport, { style, fold }: ErrorOptions): string {
  const { code, message, requestId, hint } = report;
  const origin = requestId === undefined ? "" : ` (request ${requestId})`;
  const lines = [
    code === "declined"
      ? fold(safe(message, "cell"))
      : labelled("error:", message + origin, { paint: style.bold, fold }),
  ];
  if (hint !== undefined) lines.push(labelled("hint:", hint, { fold }));
  return `${lines.join("\n")}\n`;
}

export function errorInJson(report: ErrorReport, target: ErrorOptions): string {
  const { code, message, status, requestId: request_id, hint } = report;
  return `${toJsonLine({ error: { code, message, status, request_id, hint } }, target)}\n`;
}
