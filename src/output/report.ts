import type { ErrorReport, Format } from "./formats/format.js";
import type { Style } from "./style.js";

export interface ReportOptions {
  format: Format;
  style: Style;
  /** Takes keys out of a text (src/settings/README.md, "Keys"). */
  redact(text: string): string;
  githubActions: boolean;
}

/** What went wrong, in the format in force and without keys; a line end at the end. */
export function renderError(report: ErrorReport, { format, redact, ...paper }: ReportOptions): string {
  const clean = (text: string | undefined) => (text === undefined ? undefined : redact(text));
  const { message, hint, requestId } = report;
  return format.error(
    { ...report, message: redact(message), hint: clean(hint), requestId: clean(requestId) },
    paper,
  );
}
