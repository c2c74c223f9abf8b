import { isFinal } from "../../../api/run-status.js";
import type { Run } from "../../../api/types.js";
import { column } from "../../../output/columns.js";
import { formatDuration, formatDurationBriefly } from "../../../output/duration.js";
import { printList } from "../../../output/list.js";
import type { Column } from "../../../output/table.js";
import { dash } from "../../../output/value-text.js";
import type { Audit } from "../../../runs/audit.js";
import { type AuditResult, countMissed } from "../../../runs/audited-run.js";
import type { Span } from "../../../runs/due-times.js";
import { timedRuns } from "../../../runs/match.js";
import { type AuditView, withSubjectColumns } from "./columns.js";
import { withoutOnTime } from "./rows.js";
import { seenOf, type WithAudit } from "./summary.js";

type TalliedAudit = Audit & { tally: RunTally };

type AutomationRow = WithAudit<TalliedAudit>;

export const automationsView: AuditView<TalliedAudit> = {
  wantsRuns: true,
  judge: (automation, options) => ({
    ...withoutOnTime(automation, options),
    tally: tallyRuns(automation.recent_runs, options.window),
  }),
  print: (printer, { audited, isFleet }, common) => {
    // Only automations that had anything due, ran, or can't be judged.
    const rows = seenOf(audited).filter(
      ({ audit }) => dueOf(audit) !== 0 || audit.counts.unexpected > 0 || audit.tally.runs > 0,
    );
    return printList<AutomationRow>(printer, {
      ...common,
      items: printer.isForPerson ? neediestFirst(rows) : rows,
      columns: automationColumns({ isFleet }),
      json: automationJson,
      name: ({ automation }) => automation.automation_id,
    });
  },
};

/** Runs that were due; undefined where the schedule can't be read. */
function dueOf({ problem, counts }: Audit): number | undefined {
  if (problem !== undefined) return undefined;
  return counts.on_time + counts.late + counts.missed + counts.overlapping + counts.unknown;
}

function neediestFirst(rows: readonly AutomationRow[]): AutomationRow[] {
  const need = ({ audit: { counts, tally } }: AutomationRow) =>
    [counts.unexpected, counts.missed, counts.late, counts.overlapping, tally.failed] as const;
  return rows.toSorted((one, other) => {
    const [mine, theirs] = [need(one), need(other)];
    return mine.map((count, at) => (theirs[at] ?? 0) - count).find((more) => more !== 0) ?? 0;
  });
}

function automationJson({ deployment_id, automation, audit }: AutomationRow): object {
  const { on_time, late, missed, overlapping, unknown: notKnown, unexpected } = audit.counts;
  const { madeUp, mayStillStart } = countMissed(audit.scheduledRuns);
  return {
    deployment_id,
    automation_id: automation.automation_id,
    name: automation.name ?? null,
    due: dueOf(audit) ?? null,
    ...{ on_time, late, missed, made_up: madeUp, may_still_start: mayStillStart },
    ...{ overlapping, unknown: notKnown, unexpected },
    failed: audit.tally.failed,
    p95_ms: audit.tally.p95Ms ?? null,
  };
}

type CounterKey = AuditResult | "failed";

const counters: readonly [key: CounterKey, title: string, goes: number][] = [
  ["on_time", "ON TIME", 12],
  ["late", "LATE", 15],
  ["missed", "MISSED", 18],
  ["overlapping", "OVERLAP", 13],
  ["unknown", "UNKNOWN", 10],
  ["unexpected", "UNEXPECTED", 19],
  ["failed", "FAILED", 16],
];

/** Columns in the order of a pipe; a count that is 0 everywhere isn't shown to a person. */
export function automationColumns({ isFleet }: { isFleet: boolean }): Column<AutomationRow>[] {
  const columns: Column<AutomationRow>[] = [
    column("due", ({ audit }) => String(dueOf(audit) ?? dash), {
      align: "right",
      piped: ({ audit }) => String(dueOf(audit) ?? ""),
      steps: { 17: "hidden" },
    }),
    ...counters.map(counterColumn),
    column("p95", (row) => p95Text(row, formatDuration), {
      align: "right",
      piped: ({ audit: { tally } }) => String(tally.p95Ms ?? ""),
      pipedAs: "p95 in ms",
      steps: { 4: (row) => p95Text(row, formatDurationBriefly), 11: "hidden" },
    }),
  ];
  return withSubjectColumns(columns, { isFleet });
}

function counterColumn([key, title, goes]: (typeof counters)[number]): Column<AutomationRow> {
  const countOf = ({ audit: { counts, tally } }: AutomationRow) =>
    key === "failed" ? tally.failed : counts[key];
  const isBad = key === "missed" || key === "unexpected" || key === "failed";
  return column(key, (row) => (countOf(row) === 0 ? "" : String(countOf(row))), {
    title,
    align: "right",
    inWords: (row) => (countOf(row) === 0 ? "" : `${countOf(row)} ${key.replace("_", " ")}`),
    piped: (row) => String(countOf(row)),
    steps: { [goes]: "hidden" },
    style: (text, _row, style) => (isBad ? style.failing(text) : text),
  });
}

function p95Text({ audit: { tally } }: AutomationRow, inWords: (ms: number) => string): string {
  return tally.p95Ms === undefined ? "" : inWords(tally.p95Ms);
}

/** Totals of the runs that started within a window, whoever started them. */
interface RunTally {
  runs: number;
  failed: number;
  /** The 95th percentile of the durations in ms; undefined where none is known. */
  p95Ms: number | undefined;
}

/** @internal */
export function tallyRuns(runs: readonly Run[], { sinceMs, untilMs }: Span): RunTally {
  const within = timedRuns(runs).filter(({ startedMs }) => startedMs >= sinceMs && startedMs < untilMs);
  const ended = within.filter(({ run }) => isFinal(run.status));
  const took = ended
    .flatMap(({ startedMs, endedMs }) => (typeof endedMs === "number" ? [endedMs - startedMs] : []))
    .filter((ms) => ms >= 0)
    .sort((one, other) => one - other);
  return {
    runs: within.length,
    failed: ended.filter(({ run }) => run.status === "error").length,
    p95Ms: took[Math.ceil(took.length * 0.95) - 1],
  };
}
