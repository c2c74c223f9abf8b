import { DeclinedError, InterruptedError, QuietExit } from "../../../../errors.js";
import { ManifestError, type Mistake } from "../../../../manifest/mistake.js";
import { messageOf } from "../../../../report.js";
import type { ChangeRow } from "../view/rows.js";
import { type Report, type Verdict, verdictOf } from "./report.js";

export interface FinalReport {
  /** The command without flags: `herm automations apply`. */
  command: string;
  /** Missing where it ended before anything was known of automations. */
  report: Report | undefined;
  mistakes: readonly Mistake[];
  /** The reason why it failed as a whole, where neither an item nor a mistake says it. */
  error: string | undefined;
  started_at: Date;
  tookMs: number;
  redact(text: string): string;
  /** Names a file from the top of the CI's checkout; else as the command was given it. */
  fileOf(file: string): string;
}

/** Reads what an error adds to the report. */
export function readEnding(
  error: unknown,
  report: Report | undefined,
): Pick<FinalReport, "mistakes" | "error"> {
  if (error === undefined || error instanceof QuietExit) return { mistakes: [], error: undefined };
  if (error instanceof ManifestError) return { mistakes: error.mistakes, error: undefined };
  const isOfAll = error instanceof InterruptedError || error instanceof DeclinedError;
  const isTold = report?.rows.some((row) => row.error !== undefined) === true && !isOfAll;
  return { mistakes: [], error: isTold ? undefined : messageOf(error) };
}

/** Every row with its verdict. */
export function verdictsOf({ report }: Pick<FinalReport, "report">): { row: ChangeRow; verdict: Verdict }[] {
  const differing = new Set(report?.differing);
  return (report?.rows ?? []).map((row) => ({ row, verdict: verdictOf(row, differing) }));
}
