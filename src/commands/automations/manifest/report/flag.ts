import { advanced, texts, under } from "../../../../command/flags.js";
import type { Context } from "../../../../context.js";
import { type ReportRequest, type SetReport, stepSummary } from "./report-request.js";

export const { report: reportFlag } = under("Output", {
  report: advanced(
    texts("format=file", "a report for CI, junit or markdown, whatever the outcome", {
      completes: "reports",
    }),
  ),
});

/** Runs a command, then writes its reports and a step's summary, as withReports does. */
export async function runWithReports(
  context: Context,
  work: ReportRequest,
  run: (setReport: SetReport) => Promise<void>,
): Promise<void> {
  if (work.given.length === 0 && stepSummary(context) === undefined) return run(() => undefined);
  const { withReports } = await import("./with-reports.js");
  return withReports(context, work, run);
}
