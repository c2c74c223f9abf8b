import { advanced, inGroup, texts } from "../../../command/flags.js";
import type { Context } from "../../../context/context.js";
import type { ReportRequest, SetReport } from "./with-reports.js";

export const { report: reportFlag } = inGroup("Output", {
  report: advanced(
    texts("format=file", "write a CI report (junit or markdown), even if the command fails", {
      completes: "reports",
    }),
  ),
});

/** Runs a command, then writes its reports and the step summary, as `withReports` does. */
export async function runWithReports(
  context: Context,
  work: Omit<ReportRequest, "summaryFile">,
  run: (setReport: SetReport) => Promise<void>,
): Promise<void> {
  const summaryFile = stepSummary(context);
  if (work.given.length === 0 && summaryFile === undefined) return run(() => undefined);
  const { withReports } = await import("./with-reports.js");
  return withReports(context, { ...work, summaryFile }, run);
}

function stepSummary({ settings }: Pick<Context, "settings">): string | undefined {
  return settings.env("GITHUB_ACTIONS") === "true" ? settings.env("GITHUB_STEP_SUMMARY") : undefined;
}
