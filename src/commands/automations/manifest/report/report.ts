import type { FilePosition } from "../../../../manifest/mistake.js";
import { pastOf } from "../view/counts.js";
import type { ChangeRow } from "../view/rows.js";

/** The report of a command, once it knows of automations. */
export interface Report {
  title: string;
  counts: string;
  rows: readonly ChangeRow[];
  /** Rows that differ from the files where that is looked for, not what is to be changed. */
  differing?: readonly ChangeRow[];
  warnings?: readonly ReportWarning[];
  isStrict?: boolean;
}

interface ReportWarning {
  kind: string;
  text: string;
  position?: FilePosition;
}

/** The outcome of one row of a report. */
export interface Verdict {
  kind: "passed" | "failed" | "skipped";
  /** Kind of failure: `difference`, `failed`, `unknown`, or a warning's kind. */
  type?: string;
  /** The reason, of any length and any text: `created`, `differs in schedule`, the error. */
  why: string;
}

/** Judges a row: what is left as it is, or isn't done, is `skipped`. */
export function verdictOf(row: ChangeRow, differing: ReadonlySet<ChangeRow>): Verdict {
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
