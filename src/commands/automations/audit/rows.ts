import type { Automation } from "../../../api/types.js";
import type { AuditedFire, FireReason, FireResult } from "../../../observe/audit.js";
import { formatDuration, formatDurationBriefly } from "../../../output/duration.js";
import type { Colour } from "../../../output/style.js";
import type { Column } from "../../../output/table.js";
import { formatLocalDay, formatRfc3339 } from "../../../output/time.js";
import { told, unknown } from "../../../output/value-text.js";

/** One fire, or why there is none to tell of. */
export interface AuditRow {
  deploymentId: string;
  deploymentName: string;
  customerId?: string | undefined;
  /** Absent: the whole deployment could not be read. */
  automation?: Pick<Automation, "automation_id" | "name"> | undefined;
  /** Absent: of this automation nothing could be told. */
  fire?: AuditedFire | undefined;
  result: FireResult;
  reason?: FireReason | undefined;
  /** For a person: how many fires it stands for, and the last of them. */
  times?: number;
  lastMs?: number;
}

const words: Record<FireResult, { mark: string; word: string; colour: Colour | "dim" }> = {
  on_time: { mark: "✓", word: "on time", colour: "green" },
  late: { mark: "!", word: "late", colour: "magenta" },
  missed: { mark: "✗", word: "missed", colour: "red" },
  overlapping: { mark: "●", word: "overlapping", colour: "blue" },
  unknown: { mark: "–", word: "unknown", colour: "dim" },
};

/** How a result is called, as in `3 missed`. */
export function resultWord(result: FireResult): string {
  return words[result].word;
}

const whys: Record<FireReason, string> = {
  paused: "it was paused",
  before_oldest_run: "before its oldest known run",
  before_last_change: "before its last change",
  no_updated_at: "the API doesn't say when it was changed",
  enabled_unknown: "the API doesn't say whether it is enabled",
  run_not_listed: "its last run isn't listed",
  run_without_start: "a run doesn't say when it started",
  run_without_trigger: "its run doesn't say what started it",
  may_be_made_up: "a later run may have made up for it",
  schedule_unreadable: "its schedule can't be read",
  not_read: "it could not be read",
  run_before_still_going: "the run before was still going",
  longer_than_interval: "it went on when the next was due",
};

function whyOf({ reason, fire }: AuditRow): string {
  if (reason === undefined) return "";
  return fire?.incident === undefined ? whys[reason] : `${whys[reason]} by ${fire.incident}`;
}

/** The row in JSON; of several deployments with the deployment's name and customer. */
export function auditJson(row: AuditRow, { isFleet }: { isFleet: boolean }): object {
  const { deploymentId, deploymentName, customerId, automation, fire, result, reason } = row;
  const { run, startedMs, lateMs } = fire ?? {};
  return {
    deployment_id: deploymentId,
    automation_id: automation?.automation_id ?? null,
    name: automation?.name ?? null,
    expected_at: fire === undefined ? null : timeText(fire.expectedMs),
    result,
    run_id: run?.run_id,
    started_at: startedMs === undefined ? undefined : (run?.started_at ?? undefined),
    late_s: lateMs === undefined ? undefined : Math.round(lateMs / 1000),
    reason,
    incident: fire?.incident,
    ...(isFleet ? { customer_id: customerId, deployment_name: deploymentName } : {}),
  };
}

function timeText(ms: number): string {
  return formatRfc3339(new Date(ms));
}

/** In the order of a pipe: name, due, result, seconds late, reason, run, id (with several deployments the deployment's id first). */
export function auditColumns(now: Date, { isFleet }: { isFleet: boolean }): Column<AuditRow>[] {
  const columns: Column<AuditRow>[] = [
    {
      key: "name",
      title: "NAME",
      cell: ({ automation }) => (automation === undefined ? unknown : told(automation.name)),
      concessions: [
        { turn: 1, cutTo: 40 },
        { turn: 4, cutTo: 20 },
        { turn: 9, cutTo: 12 },
        { turn: 11, cutTo: 1 },
      ],
    },
    {
      key: "due",
      title: "DUE",
      cell: (row) => dueText(row, now, " – "),
      inWords: (row) => dueText(row, now, " to "),
      piped: ({ fire }) => (fire === undefined ? "" : timeText(fire.expectedMs)),
    },
    {
      key: "result",
      title: "RESULT",
      cell: (row) => `${words[row.result].mark} ${resultText(row, "×")}`,
      inWords: (row) => resultText(row, ""),
      piped: ({ result }) => result,
      concessions: [
        { turn: 8, title: "RESULT", cell: (row) => `${words[row.result].mark} ${words[row.result].word}` },
      ],
      style: (text, { result }, style) => style[words[result].colour](text),
    },
    {
      key: "late",
      title: "LATE BY",
      cell: (row) => lateText(row, formatDuration),
      piped: ({ fire }) => (fire?.lateMs === undefined ? "" : String(Math.round(fire.lateMs / 1000))),
      concessions: [
        { turn: 3, title: "BY", cell: (row) => lateText(row, formatDurationBriefly) },
        { turn: 7, goes: true },
      ],
    },
    {
      key: "why",
      title: "WHY",
      cell: whyOf,
      piped: ({ reason }) => reason ?? "",
      concessions: [
        { turn: 5, cutTo: 24 },
        { turn: 10, goes: true },
      ],
    },
    {
      key: "run",
      title: "RUN",
      cell: ({ fire, times }) => (times === undefined ? (fire?.run?.run_id ?? "") : ""),
      concessions: [{ turn: 2, goes: true }],
    },
    {
      key: "id",
      title: "ID",
      cell: () => "",
      piped: ({ automation }) => automation?.automation_id ?? "",
    },
  ];
  const deployment: Column<AuditRow> = {
    key: "deployment",
    title: "DEPLOYMENT",
    cell: ({ deploymentName }) => deploymentName,
    piped: ({ deploymentId }) => deploymentId,
    concessions: [
      { turn: 4, cutTo: 14 },
      { turn: 8, cutTo: 10 },
      { turn: 10, goes: true },
    ],
  };
  return isFleet ? [deployment, ...columns] : columns;
}

/** Of several the first and the last; what both have in common, the day and the offset, stands once. */
function dueText({ fire, lastMs }: AuditRow, now: Date, between: string): string {
  if (fire === undefined) return unknown;
  const first = formatLocalDay(new Date(fire.expectedMs), now);
  if (lastMs === undefined) return first;
  const last = formatLocalDay(new Date(lastMs), now);
  const [firstDay, firstOffset] = partsOf(first);
  const [lastDay, lastOffset] = partsOf(last);
  const begin = firstOffset === lastOffset ? first.slice(0, -firstOffset.length - 1) : first;
  return `${begin}${between}${firstDay === lastDay ? last.slice(lastDay.length + 1) : last}`;
}

/** The day and the offset of `25 Mar 10:00 +01`. */
function partsOf(time: string): [day: string, offset: string] {
  const words = time.split(" ");
  return [words.slice(0, -2).join(" "), words.at(-1) ?? ""];
}

/** Nothing for less than a second, and for several together. */
function lateText({ fire, times }: AuditRow, inWords: (ms: number) => string): string {
  const { lateMs = 0 } = fire ?? {};
  return times !== undefined || lateMs < 1000 ? "" : inWords(lateMs);
}

function resultText({ result, times = 1 }: AuditRow, sign: string): string {
  const { word } = words[result];
  if (times === 1) return word;
  return sign === "" ? `${times} ${word}` : `${word} ${sign}${times}`;
}

/** For a person: fires one after the other of which the same is to be told are one row; of late ones each is late by its own. */
export function foldRows(rows: readonly AuditRow[]): AuditRow[] {
  const folded: AuditRow[] = [];
  for (const row of rows) {
    const last = folded.at(-1);
    if (last === undefined || !isAlike(last, row)) folded.push({ ...row });
    else {
      last.times = (last.times ?? 1) + 1;
      last.lastMs = row.fire?.expectedMs;
    }
  }
  return folded;
}

function isAlike(one: AuditRow, other: AuditRow): boolean {
  const isOfFires = one.fire !== undefined && other.fire !== undefined;
  return (
    isOfFires &&
    one.result !== "late" &&
    one.automation?.automation_id === other.automation?.automation_id &&
    one.deploymentId === other.deploymentId &&
    one.result === other.result &&
    one.reason === other.reason &&
    one.fire?.incident === other.fire?.incident
  );
}
