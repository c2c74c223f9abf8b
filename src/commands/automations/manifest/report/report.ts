import type { FilePosition } from "../../../../manifest/mistake.js";
import { pastOf } from "../view/counts.js";
import type { ChangeRow } from "../view/rows.js";

/** What a command has to tell of automations, once it knows. */
export interface Report {
  /** `herm: applied`. */
  title: string;
  /** `3 to create, 1 unchanged`. */
  counts: string;
  rows: readonly ChangeRow[];
  /** Rows that differ from the files where that is what is looked for, rather than what is to be changed. */
  differing?: readonly ChangeRow[];
  warnings?: readonly ReportWarning[];
  /** They are failures. */
  isStrict?: boolean;
}

interface ReportWarning {
  kind: string;
  /** Plain text, without the place. */
  text: string;
  /** Absent where no file says so. */
  position?: FilePosition;
}

/** What a report tells of one thing that went well or not. */
export interface Verdict {
  kind: "passed" | "failed" | "skipped";
  /** Of what failed: `difference`, `failed`, `unknown`, or what kind of warning it is. */
  type?: string;
  /** In a few words, of any length and any text: `created`, `differs in schedule`, the error. */
  why: string;
}

/** What a row comes to: what was left as it is, or isn't done, is `skipped`. */
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

/** `herm.yaml:4`. */
export function lineText({ file, line }: FilePosition): string {
  return `${file}:${line}`;
}
