/** Rows and columns of an audit. */

import { groupBy } from "../../../manifest/group-by.js";
import { column, deploymentColumn, idColumn, nameColumn } from "../../../output/columns.js";
import { counted } from "../../../output/count.js";
import { formatDuration, formatDurationBriefly } from "../../../output/duration.js";
import type { ListOptions } from "../../../output/print-list.js";
import type { Printer } from "../../../output/printer.js";
import type { Column } from "../../../output/render-table.js";
import type { Tone } from "../../../output/style.js";
import { formatLocalDay, formatRfc3339 } from "../../../output/time.js";
import { dash, textOrDash } from "../../../output/value-text.js";
import {
  type Audit,
  type AuditedRun,
  type AuditReason,
  type AuditResult,
  auditOf,
} from "../../../runs/audit-results.js";
import { type AuditQuestion, type AuditSubject, type Audits, placeOf } from "./collect-audit.js";

export interface AuditRow extends AuditSubject {
  audited?: AuditedRun | undefined;
  result: AuditResult;
  reason?: AuditReason | undefined;
  /** Number of runs in a row that groups several. */
  times?: number;
  lastMs?: number | undefined;
}

/** Drops on-time runs, which would fill the memory in a large fleet. */
export const withoutOnTime: typeof auditOf = (automation, options) => {
  const audit = auditOf(automation, options);
  const scheduledRuns = audit.scheduledRuns.filter(({ result }) => result !== "on_time");
  return { ...audit, scheduledRuns };
};

export function auditRows(
  { audited, unreadable }: Audits,
  { isNothingKnown }: { isNothingKnown: boolean },
): AuditRow[] {
  const rows = audited.flatMap(({ audit, ...subject }): AuditRow[] => {
    if ("error" in audit) return [{ ...subject, result: "unknown", reason: "not_read" }];
    const scheduledRuns = isNothingKnown ? [] : audit.scheduledRuns;
    const rows = scheduledRuns.map((audited) => ({
      ...subject,
      audited,
      result: audited.result,
      reason: audited.reason,
    }));
    const { problem } = audit;
    return problem === undefined ? rows : [...rows, { ...subject, result: "unknown", reason: problem }];
  });
  const missing = unreadable.map(
    ({ target }): AuditRow => ({ ...placeOf(target), result: "unknown", reason: "not_read" }),
  );
  return [...rows, ...missing];
}

export function auditJson({ deployment_id, automation, audited, result, reason }: AuditRow): object {
  const { run, startedMs, lateMs } = audited ?? {};
  return {
    deployment_id,
    automation_id: automation?.automation_id ?? null,
    name: automation?.name ?? null,
    expected_at: audited === undefined || result === "unexpected" ? null : formatRfc3339(audited.expectedMs),
    result,
    run_id: run?.run_id,
    started_at: startedMs === undefined ? undefined : (run?.started_at ?? undefined),
    late_s: lateMs === undefined ? undefined : Math.round(lateMs / 1000),
    reason,
    incident: audited?.incident,
  };
}

/** Groups runs by automation and result, with the reason if they share it; unknown runs are grouped by reason. */
export function groupRuns(rows: readonly AuditRow[]): AuditRow[] {
  const groups = groupBy(rows, (row) => {
    const { deployment_id, automation, result } = row;
    return JSON.stringify([deployment_id, automation?.automation_id, result, ...reasonOf(row)]);
  });
  return [...groups.values()].flatMap((group) => joined(group));
}

/** Groups rows with the same name and result across deployments; unknown runs are grouped by reason alone. */
export function groupDeployments(rows: readonly AuditRow[]): AuditRow[] {
  const groups = groupBy(rows, (row) => {
    const { automation, result, reason, audited } = row;
    const called = result === "unknown" ? [] : [automation?.name, reason, audited?.incident];
    return JSON.stringify([result, ...called, ...reasonOf(row)]);
  });
  return [...groups.values()].flatMap((group) => {
    const deployments = countOf(group, ({ deployment_id }) => deployment_id);
    const names = countOf(group, ({ automation }) => automation?.name ?? automation?.automation_id);
    return joined(group).map((row) => ({
      ...row,
      ...(deployments > 1 && { deployment_name: counted(deployments, "deployment") }),
      ...(names > 1 && { automation: { automation_id: "", name: counted(names, "automation") } }),
    }));
  });
}

function reasonOf({ result, reason, audited }: AuditRow): unknown[] {
  return result === "unknown" ? [reason, audited?.incident] : [];
}

function countOf(group: readonly AuditRow[], partOf: (row: AuditRow) => unknown): number {
  return new Set(group.map(partOf)).size;
}

/** Joins rows into one, from the first due time to the last. */
function joined(group: readonly AuditRow[]): AuditRow[] {
  const [first] = group.toSorted((one, other) => dueMs(one) - dueMs(other));
  if (first === undefined || group.length === 1) return [...group];
  const lastMs = Math.max(...group.map((row) => row.lastMs ?? dueMs(row)));
  const isSame = countOf(group, ({ reason, audited }) => `${reason} ${audited?.incident}`) === 1;
  return [
    {
      ...first,
      ...(isSame ? {} : { reason: undefined }),
      times: group.reduce((sum, { times = 1 }) => sum + times, 0),
      lastMs: lastMs > dueMs(first) ? lastMs : undefined,
    },
  ];
}

function dueMs({ audited }: AuditRow): number {
  return audited?.expectedMs ?? 0;
}

const worst: readonly AuditResult[] = ["missed", "unexpected", "late", "overlapping", "on_time", "unknown"];

export function worstFirst(rows: readonly AuditRow[]): AuditRow[] {
  return rows.toSorted((one, other) => worst.indexOf(one.result) - worst.indexOf(other.result));
}

interface ResultWords {
  mark: string;
  word: string;
  brief: string;
  tone: Tone;
}

const words: Record<AuditResult, ResultWords> = {
  unexpected: { mark: "▲", word: "unexpected", brief: "unexpect.", tone: "failing" },
  on_time: { mark: "✓", word: "on time", brief: "on time", tone: "fine" },
  late: { mark: "!", word: "late", brief: "late", tone: "waiting" },
  missed: { mark: "✗", word: "missed", brief: "missed", tone: "failing" },
  overlapping: { mark: "●", word: "overlapping", brief: "overlap", tone: "running" },
  unknown: { mark: "–", word: "unknown", brief: "unknown", tone: "plain" },
};

export function resultWord(result: AuditResult): string {
  return words[result].word;
}

const whys: Record<AuditReason, [why: string, brief: string]> = {
  paused: ["it was paused", "paused"],
  before_oldest_run: ["before its oldest known run", "before oldest run"],
  before_last_change: ["before its last change", "before last change"],
  may_have_been_enabled: ["it was changed after its pause, and maybe enabled", "enabled in between?"],
  no_updated_at: ["the API doesn't say when it was changed", "change unknown"],
  enabled_unknown: ["the API doesn't say whether it is enabled", "state unknown"],
  run_not_listed: ["its last run isn't listed", "run not listed"],
  run_without_start: ["a run doesn't say when it started", "start unknown"],
  run_without_trigger: ["its run doesn't report its trigger", "trigger unknown"],
  may_be_made_up: ["a later run may have made up for it", "maybe ran later"],
  made_up: ["a later run made up for it", "ran later"],
  may_still_start: ["the platform may still start it", "may still start"],
  schedule_unreadable: ["its schedule can't be read", "schedule unread"],
  not_read: ["it could not be read", "not read"],
  run_before_still_going: ["the previous run was still running", "prior run ongoing"],
  longer_than_interval: ["it was still running when the next one was due", "ran into next"],
};

export function whyText(reason: AuditReason): string {
  return whys[reason][0];
}

function whyOf({ reason, audited }: AuditRow, isBrief = false): string {
  if (reason === undefined) return "";
  const why = whys[reason][isBrief ? 1 : 0];
  return audited?.incident === undefined ? why : `${why} by ${audited.incident}`;
}

export function auditColumns(now: Date, { isFleet }: { isFleet: boolean }): Column<AuditRow>[] {
  const columns: Column<AuditRow>[] = [
    column("due", (row) => dueText(row, now, " – "), {
      steps: { 6: (row) => dueBriefly(row, now) },
      inWords: (row) => dueText(row, now, " to "),
      piped: ({ audited }) => (audited === undefined ? "" : formatRfc3339(audited.expectedMs)),
    }),
    column("result", (row) => `${words[row.result].mark} ${resultText(row, "×")}`, {
      inWords: (row) => resultText(row, ""),
      piped: ({ result }) => result,
      pipedAs: "result (on_time, late, missed, overlapping, unknown, unexpected)",
      steps: {
        7: (row) => `${words[row.result].mark} ${resultText(row, "×", "brief")}`,
        14: { sign: ({ result, times = 1 }) => `${words[result].mark}${times > 1 ? ` ×${times}` : ""}` },
      },
      style: (text, { result }, style) => style[words[result].tone](text),
    }),
    column("late", (row) => lateText(row, formatDuration), {
      pipedAs: "seconds late",
      piped: ({ audited }) =>
        audited?.lateMs === undefined ? "" : String(Math.round(audited.lateMs / 1000)),
      steps: { 3: (row) => lateText(row, formatDurationBriefly), 11: "hidden" },
    }),
    column("why", (row) => whyOf(row), {
      piped: ({ reason }) => reason ?? "",
      steps: { 5: (row) => whyOf(row, true), 10: 14, 13: "hidden" },
    }),
    column("run", ({ audited, times }) => (times === undefined ? (audited?.run?.run_id ?? "") : ""), {
      steps: { 2: "hidden" },
    }),
  ];
  return withSubjectColumns(columns, { isFleet });
}

/** The first and last time; the day and offset appear only once if they are the same. */
function dueText({ audited, lastMs }: AuditRow, now: Date, between: string): string {
  if (audited === undefined) return dash;
  const first = partsOf(audited.expectedMs, now);
  if (lastMs === undefined) return first.text;
  const last = partsOf(lastMs, now);
  const begin = first.offset === last.offset ? `${first.day} ${first.clock}` : first.text;
  return `${begin}${between}${first.day === last.day ? `${last.clock} ${last.offset}` : last.text}`;
}

/** A local time without its offset, `22 Mar 09:00`, or a range: `22–25 Mar`, `22 Mar 09:00–17:00`. */
function dueBriefly({ audited, lastMs }: AuditRow, now: Date): string {
  if (audited === undefined) return dash;
  const first = partsOf(audited.expectedMs, now);
  const only = `${first.day} ${first.clock}`;
  if (lastMs === undefined) return only;
  const last = partsOf(lastMs, now);
  if (first.day === last.day) return `${only}–${last.clock}`;
  return first.month === last.month ? `${first.date}–${last.day}` : `${first.day} – ${last.day}`;
}

/** The parts of `25 Mar 10:00 +01`. */
function partsOf(ms: number, now: Date) {
  const text = formatLocalDay(new Date(ms), now);
  const [date = "", ...words] = text.split(" ");
  const month = words.slice(0, -2).join(" ");
  return {
    text,
    day: `${date} ${month}`,
    date,
    month,
    clock: words.at(-2) ?? "",
    offset: words.at(-1) ?? "",
  };
}

function lateText({ audited, times }: AuditRow, inWords: (ms: number) => string): string {
  const { lateMs = 0 } = audited ?? {};
  return times !== undefined || lateMs < 1000 ? "" : inWords(lateMs);
}

function resultText(
  { result, times = 1 }: AuditRow,
  sign: string,
  wording: "word" | "brief" = "word",
): string {
  const word = words[result][wording];
  if (times === 1) return word;
  return sign === "" ? `${times} ${word}` : `${word} ${sign}${times}`;
}

/** A kind of audit row, and the data kept for each automation. */
export interface AuditView<Verdict extends Audit>
  extends Pick<AuditQuestion<Verdict>, "judge" | "wantsRuns"> {
  print(
    printer: Printer,
    audits: Audits<Verdict>,
    common: Pick<ListOptions<AuditSubject>, "deploymentOf" | "empty">,
  ): Promise<number>;
}

/** Adds columns for the deployment and, only in a pipe, the name and the id. */
export function withSubjectColumns<Row extends AuditSubject>(
  columns: readonly Column<Row>[],
  { isFleet }: { isFleet: boolean },
): Column<Row>[] {
  return [
    ...(isFleet ? [deploymentColumn<Row>({ steps: { 4: 14, 8: 10, 14: "hidden" } })] : []),
    nameColumn(({ automation }) => (automation === undefined ? dash : textOrDash(automation.name)), {
      steps: { 1: 40, 4: 20, 9: 11, 15: 1 },
    }),
    ...columns,
    idColumn(() => "", { piped: ({ automation }) => automation?.automation_id ?? "" }),
  ];
}
