import { DeclinedError, InterruptedError, QuietExit } from "../../../errors/cli-errors.js";
import { explainItemError, messageOf } from "../../../invocation/report-error.js";
import { type FilePosition, ManifestError, type Mistake } from "../../../manifest/mistake.js";
import type { Settings } from "../../../settings/settings.js";
import { type ChangeRow, pastOf } from "../view/change-rows.js";

export interface Report {
  title: string;
  counts: string;
  rows: readonly ChangeRow[];
  /** In a command that only compares, the rows that differ from the files. */
  differing?: readonly ChangeRow[];
  warnings?: readonly { kind: string; text: string; position?: FilePosition }[];
  isStrict?: boolean;
}

export interface Verdict {
  kind: "passed" | "failed" | "skipped";
  /** The kind of failure: `difference`, `failed`, `unknown`, or the kind of a warning. */
  type?: string;
  /** The reason, of any length and with any content: `created`, `differs in schedule`, the error. */
  why: string;
  hint?: string | undefined;
}

/** Judges a row: an unchanged or unfinished item is `skipped`. */
function verdictOf(row: ChangeRow, differing: ReadonlySet<ChangeRow>): Verdict {
  const { action, result, error, reason, isDifference } = row;
  if (error !== undefined) return { kind: "failed", type: result ?? "failed", why: error };
  if (differing.has(row)) return { kind: "failed", type: "difference", why: differenceText(row) };
  if (action === "skipped") return { kind: "skipped", why: reason ?? action };
  if (!isDifference) return { kind: "passed", why: action };
  if (result === "unchanged") return { kind: "passed", why: result };
  if (result === "done") return { kind: "passed", why: pastOf[action] ?? action };
  return {
    kind: "skipped",
    why: reason === undefined ? differenceText(row) : `${differenceText(row)} (${reason})`,
  };
}

/** `differs in schedule`, `would be created`. */
export function differenceText({ action, changes = {} }: ChangeRow): string {
  if (action === "update") return `differs in ${Object.keys(changes).join(", ")}`;
  return `would be ${pastOf[action]}`;
}

export function lineText({ file, line }: FilePosition): string {
  return `${file}:${line}`;
}

export interface FinalReport {
  /** The command without flags: `herm apply`. */
  command: string;
  /** Undefined if the command ended before it read any automations. */
  report: Report | undefined;
  mistakes: readonly Mistake[];
  /** The reason why the whole command failed, unless an item or a mistake already reports it. */
  error: string | undefined;
  hint?: string | undefined;
  started_at: Date;
  tookMs: number;
  redact(text: string): string;
  /** The file's path from the top of the CI checkout, or else the path as typed. */
  fileOf(file: string): string;
}

export function readEnding(
  error: unknown,
  { report, settings }: { report: Report | undefined; settings: Settings },
): Pick<FinalReport, "mistakes" | "error" | "hint"> {
  if (error === undefined || error instanceof QuietExit) return { mistakes: [], error: undefined };
  if (error instanceof ManifestError) return { mistakes: error.mistakes, error: undefined };
  const isOfAll = error instanceof InterruptedError || error instanceof DeclinedError;
  const isReported = report?.rows.some((row) => row.error !== undefined) === true && !isOfAll;
  if (isReported) return { mistakes: [], error: undefined };
  return { mistakes: [], error: messageOf(error), hint: explainItemError(error, settings).hint };
}

export function verdictsOf({ report }: Pick<FinalReport, "report">): { row: ChangeRow; verdict: Verdict }[] {
  const differing = new Set(report?.differing);
  return (report?.rows ?? []).map((row) => ({ row, verdict: verdictOf(row, differing) }));
}
