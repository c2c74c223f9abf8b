import type { Context } from "../../../../context.js";
import type { Report } from "./report.js";

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
