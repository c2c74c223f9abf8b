import { advanced, texts, under } from "../../../../command/flags.js";
import type { Context } from "../../../../context.js";
import type { Report } from "./report.js";

/** Of whatever reads manifests. */
export const { report: reportFlag } = under("Output", {
  report: advanced(
    texts("format=file", "a report for CI, junit or markdown, whatever the outcome", {
      completes: "reports",
    }),
  ),
});

/** Hears what a command has to tell; the last counts. */
export type SetReport = (report: Report) => void;

/** What reports are made of, beside what the command tells. */
export interface ReportOptions {
  /** As `--report` has them. */
  given: readonly string[];
  /** As it is typed, without flags: `herm automations apply`. */
  command: string;
}

/** Where GitHub Actions wants to read what a step did. */
export function stepSummary({ settings }: Pick<Context, "settings">): string | undefined {
  return settings.env("GITHUB_ACTIONS") === "true" ? settings.env("GITHUB_STEP_SUMMARY") : undefined;
}

/** Runs a command, and writes the reports that are wanted, and a step's summary, as withReports does. */
export async function runWithReports(
  context: Context,
  work: ReportOptions,
  run: (setReport: SetReport) => Promise<void>,
): Promise<void> {
  if (work.given.length === 0 && stepSummary(context) === undefined) return run(() => undefined);
  const { withReports } = await import("./with-reports.js");
  return withReports(context, work, run);
}
