import type { ErrorOptions, ErrorReport, Format } from "./formats/format.js";

export function renderError(
  report: ErrorReport,
  { format, redact, ...target }: ErrorOptions & { format: Format; redact(text: string): string },
): string {
  const clean = (text: string | undefined) => (text === undefined ? undefined : redact(text));
  const { message, hint, requestId } = report;
  return format.error(
    { ...report, message: redact(message), hint: clean(hint), requestId: clean(requestId) },
    target,
  );
}
