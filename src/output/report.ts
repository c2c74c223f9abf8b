import type { OutputFormat } from "../settings/settings.js";
import { toJsonLine } from "./json.js";
import { labelled } from "./printer.js";
import type { Style } from "./style.js";

/** What went wrong, as it is told (src/output/README.md, "Errors"). The texts may be a server's own. */
export interface ErrorReport {
  message: string;
  code: string;
  hint?: string | undefined;
  /** The answer's HTTP status. */
  status?: number | undefined;
  requestId?: string | undefined;
}

export interface ReportOptions {
  format: OutputFormat;
  style: Style;
  /** Takes keys out of a text (src/settings/README.md, "Keys"). */
  redact(text: string): string;
  githubActions?: boolean;
}

/** `error: …` and `hint: …`, or with JSON output one line with the same; a line end at the end. */
export function renderError(report: ErrorReport, options: ReportOptions): string {
  const { format, redact, style, githubActions } = options;
  const message = redact(report.message);
  const hint = report.hint === undefined ? undefined : redact(report.hint);
  const requestId = report.requestId === undefined ? undefined : redact(report.requestId);
  if (format === "json" || format === "jsonl") {
    const error = { code: report.code, message, status: report.status, request_id: requestId, hint };
    return `${toJsonLine({ error }, { githubActions })}\n`;
  }
  const origin = requestId === undefined ? "" : ` (request ${requestId})`;
  const lines = [labelled("error:", message + origin, (text) => style.bold(style.red(text)))];
  if (hint !== undefined) lines.push(labelled("hint:", hint, style.cyan));
  return `${lines.join("\n")}\n`;
}
