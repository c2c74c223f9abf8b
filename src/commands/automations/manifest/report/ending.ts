import { DeclinedError, InterruptedError, QuietExit } from "../../../../errors.js";
import { ManifestError, type Mistake } from "../../../../manifest/mistake.js";
import { messageOf } from "../../../../report.js";
import type { ChangeRow } from "../view/rows.js";
import { type Report, type Verdict, verdictOf } from "./report.js";

/** All that there is to report once a command has ended. */
export interface FinalReport {
  /** As it is typed, without flags: `herm automations apply`. */
  command: string;
  /** Absent: it ended before anything was known of automations. */
  report: Report | undefined;
  /** What is wrong with the files; then nothing else is known. */
  mistakes: readonly Mistake[];
  /** Why it ended as a whole, where neither an item's failure nor a mistake says it. */
  error: string | undefined;
  started_at: Date;
  tookMs: number;
  /** Takes out keys. */
  redact(text: string): string;
  /** A file as it is named from the top of what a CI has checked out; else as the command was given it. */
  fileOf(file: string): string;
}

/** What an error that a command ended with adds to what it told. */
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

/** Every row with what it comes to. */
export function verdictsOf({ report }: Pick<FinalReport, "report">): { row: ChangeRow; verdict: Verdict }[] {
  const differing = new Set(report?.differing);
  return (report?.rows ?? []).map((row) => ({ row, verdict: verdictOf(row, differing) }));
}
