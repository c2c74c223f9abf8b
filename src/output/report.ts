import type { ErrorPaper, ErrorReport, Format } from "./formats/format.js";

export interface ReportOptions extends ErrorPaper {
  format: Format;
  /** Takes keys out of a text (src/settings/README.md, "Keys"). */
  redact(text: string): string;
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
