import { advanced, texts, under } from "../../../../command/flags.js";
import type { Context } from "../../../../context.js";
import type { Report } from "./report.js";

export const { report: reportFlag } = under("Output", {
  report: advanced(
    texts("format=file", "a report for CI, junit or markdown, whatever the outcome", {
      completes: "reports",
    }),
  ),
});

/** Sets what a command has to report; the last call counts. */
export type SetReport = (report: Report) => void;

/** Reports to write, beside what the command sets. */
export interface ReportRequest {
  given: readonly string[];
  command: string;
}

/** The file in which GitHub Actions takes a step's summary. */
export function stepSummary({ settings }: Pick<Context, "settings">): string | undefined {
  return settings.env("GITHUB_ACTIONS") === "true" ? settings.env("GITHUB_STEP_SUMMARY") : undefined;
}

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
