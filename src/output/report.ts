import type { ErrorOptions, ErrorReport, Format } from "./formats/format.js";

export interface ReportOptions extends ErrorOptions {
  format: Format;
  /** Takes keys out of a text (src/settings/README.md, "Keys"). */
  redact(text: string): string;
}

/** What went wrong, in the format in force and without keys; a line end at the end. */
export function renderError(report: ErrorReport, { format, redact, ...target }: ReportOptions): string {
  const clean = (text: string | undefined) => (text === undefined ? undefined : redact(text));
  const { message, hint, requestId } = report;
  return format.error(
    { ...report, message: redact(message), hint: clean(hint), requestId: clean(requestId) },
    target,
  );
}
