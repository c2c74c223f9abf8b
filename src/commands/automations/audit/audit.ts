/** The command `audit`, by run and by automation. */

import { isFinal } from "../../../api/schema.js";
import type { Run } from "../../../api/types.js";
import { declareCommand, type InputOf, requestCodes } from "../../../command/declaration.js";
import { advanced, choice, duration, flag, inGroup, several, time } from "../../../command/flags.js";
import { commandLine } from "../../../command-line/next-command.js";
import { loadWindow, type WindowAt } from "../../../command-line/time-window.js";
import type { Context } from "../../../context/context.js";
import { exitCodes, QuietExit } from "../../../errors/cli-errors.js";
import type { Selection } from "../../../fleet/selection.js";
import {
  type ReadFailure,
  reportUnreadable,
  unreadableAutomation,
} from "../../../operations/rows/progress.js";
import { reachLine, readReach } from "../../../operations/rows/reach.js";
import {
  readSelection,
  selectionFlags,
  selectionWords,
  warnOfUnmatched,
} from "../../../operations/selection/selection-flags.js";
import { column, deploymentFirst, pipedFields } from "../../../output/columns.js";
import { counted } from "../../../output/count.js";
import { dayMs, formatDuration, formatDurationBriefly } from "../../../output/duration.js";
import { printList } from "../../../output/print-list.js";
import { createPrinter } from "../../../output/printer.js";
import type { Column } from "../../../output/render-table.js";
import { dash } from "../../../output/value-text.js";
import {
  type Audit,
  type AuditResult,
  auditOf,
  countMissed,
  sumMissed,
} from "../../../runs/audit-results.js";
import { catchUpAfter } from "../../../runs/catch-up-plan.js";
import { type Span, timedRuns } from "../../../runs/match.js";
import {
  type AuditRow,
  type AuditView,
  auditColumns,
  auditJson,
  auditRows,
  groupDeployments,
  groupRuns,
  withoutOnTime,
  withSubjectColumns,
  worstFirst,
} from "./audit-rows.js";
import { type Audits, type AuditTimes, collectAudits } from "./collect-audit.js";
import {
  auditCounts,
  cutText,
  isBeforeAll,
  missedSummary,
  reachText,
  seenOf,
  sumScheduledRuns,
  type WithAudit,
  whyNoRows,
} from "./summary.js";

type TalliedAudit = Audit & { tally: RunTally };

type AutomationRow = WithAudit<TalliedAudit>;

const automationsView: AuditView<TalliedAudit> = {
  wantsRuns: true,
  judge: (automation, options) => ({
    ...withoutOnTime(automation, options),
    tally: tallyRuns(automation.recent_runs, options.window),
  }),
  print: (printer, { audited, isFleet }, common) => {
    // Keeps only automations that were due, ran, or can't be judged.
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

/** Number of due runs; undefined if the schedule can't be read. */
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

/** Columns in the order used in a pipe; terminals don't show counts that are 0 in every row. */
function automationColumns({ isFleet }: { isFleet: boolean }): Column<AutomationRow>[] {
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

/** Totals for all runs that started within a window, however they were triggered. */
interface RunTally {
  runs: number;
  failed: number;
  /** The 95th percentile of durations in ms; undefined if no duration is known. */
  p95Ms: number | undefined;
}

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

export const command = declareCommand({
  effect: "reads",
  arguments: { refs: several("ref", "ids, exact names, or <deployment>/<name>", { completes: "refs" }) },
  flags: {
    since: time("how far to look back: 12h, yesterday, mon (default 7d)"),
    until: advanced(time("only runs due before this time")),
    grace: duration("how late a run may start and still count as on time", { usual: "15m" }),
    ...selectionFlags,
    ...inGroup("Output", {
      by: choice("what", "a row per automation, with failed runs and P95 duration", ["automation"] as const),
      verbose: flag("a row for every scheduled run, including runs on time", { excludes: ["by"] }),
      exitCode: flag("exit with 9 if any run was missed or unexpected"),
    }),
  },
  help: {
    about: "Show which scheduled runs were late, overlapped or never happened.",
    use: "Run it after an outage, or nightly with --exit-code. A run counts as missed only if that can be proved. Otherwise it is unknown, and the reason is shown: it was due before the last change, before the API's oldest run, or during a pause. A scheduled run while paused is unexpected.",
    notes:
      "Any later run makes up for a missed one (made_up); one missed less than an hour ago may still start (may_still_start). catch-up counts the same way. --by automation also shows how many runs failed, and the 95th-percentile duration of all runs (P95). Only an automation's last 1,000 runs are listed one by one.",
    inPipe: `${pipedFields(auditColumns(new Date(0), { isFleet: false }))}; --by automation: ${pipedFields(automationColumns({ isFleet: false }))} ${deploymentFirst}`,
    exitCodes: requestCodes({
      8: "some could not be read",
      9: "with --exit-code, if a run was missed or unexpected",
    }),
    examples: [
      'herm automations audit "Weekly video variations" --since 30d --verbose',
      "herm automations audit --all-deployments --since yesterday --exit-code",
      "herm automations audit --all-deployments --by automation",
    ],
  },
  run: (context, input): Promise<void> =>
    input.by === undefined
      ? printAudits(context, input, scheduledRunsView(input))
      : printAudits(context, input, automationsView),
});

function scheduledRunsView({ verbose }: { verbose: boolean }): AuditView<Audit> {
  return {
    judge: verbose ? auditOf : withoutOnTime,
    print: (printer, audits, common) => {
      const { audited, isFleet, times } = audits;
      const rows = auditRows(audits, { isNothingKnown: isBeforeAll(seenOf(audited)) });
      const named = new Set<string>();
      return printList<AuditRow>(printer, {
        ...common,
        items: printer.isForPerson && !verbose ? worstFirst(groupDeployments(groupRuns(rows))) : rows,
        columns: auditColumns(new Date(times.nowMs), { isFleet }),
        json: auditJson,
        name: ({ automation, deployment_id }) => {
          const id = automation?.automation_id;
          return named.size < named.add(`${deployment_id}/${id}`).size ? id : undefined;
        },
      });
    },
  };
}

const usualMs = 7 * dayMs;

async function printAudits<Verdict extends Audit>(
  context: Context,
  input: InputOf<typeof command>,
  view: AuditView<Verdict>,
): Promise<void> {
  const { refs } = input;
  const selection = readSelection(context, input);
  const windowAt = await loadWindow(input);
  const printer = await createPrinter(context);
  const times = () => timesAt(context.serverNow(), { windowAt, graceMs: input.grace });
  let toCatchUp = 0;
  const judge: typeof view.judge = (automation, options) => {
    const audit = view.judge(automation, options);
    if (catchUpAfter(automation, audit).verdict === "start") toCatchUp += 1;
    return audit;
  };
  const audits = await collectAudits<Verdict>(context, { ...view, judge, refs, selection, times }, printer);
  warnOfUnmatched(printer, selection);
  const { audited, isFleet } = audits;
  const { window, nowMs } = audits.times;
  const now = new Date(nowMs);
  const seen = seenOf(audited);
  if (refs.length === 0) {
    const { deployments, leftOut } = audits;
    const reach = await readReach(context, printer, { deployments, selection, leftOut });
    if (reach !== undefined) printer.note(reachLine(reach, "not shown"));
  }
  const count = await view.print(printer, audits, {
    deploymentOf: (row) => (isFleet ? row : undefined),
    empty: () => Promise.resolve(whyNoRows(audits, seen, selection.match, { ...window, now })),
  });
  const counts = sumScheduledRuns(seen);
  if (count > 0) printer.note(auditCounts(counts, seen.length));
  const missed = missedSummary(sumMissed(seen.map(({ audit }) => countMissed(audit.scheduledRuns))));
  if (missed !== undefined) printer.note(missed);
  const hasScheduledRuns = Object.values(counts).some((count) => count > 0);
  if (hasScheduledRuns && !isBeforeAll(seen)) printer.note(reachText(seen, { ...window, now, isFleet }));
  const cut = cutText(seen, isFleet);
  if (cut !== undefined) printer.note(cut);
  if (toCatchUp > 0 && printer.isForPerson)
    printer.hint(catchUpHint(context, input, { selection, toCatchUp }));
  await reportUnreadable(unreadableOf(audits), { printer, settings: context.settings, what: "audit" });
  if (input.exitCode && counts.missed + counts.unexpected > 0) throw new QuietExit(exitCodes.found);
}

function catchUpHint(
  context: Context,
  { refs, since }: Pick<InputOf<typeof command>, "refs" | "since">,
  { selection, toCatchUp }: { selection: Selection; toCatchUp: number },
): string {
  const same = selectionWords({ ...selection, except: selection.except.values });
  const words = [
    "automations",
    "catch-up",
    ...refs,
    ...same,
    "--since",
    since?.text ?? `${usualMs / dayMs}d`,
  ];
  return `to start ${counted(toCatchUp, "run")}: ${commandLine(context, words)}`;
}

/** The window, which is the last seven days by default. */
function timesAt(now: Date, { windowAt, graceMs }: { windowAt: WindowAt; graceMs: number }): AuditTimes {
  const { since, until } = windowAt(now);
  const nowMs = now.getTime();
  const untilMs = until?.getTime() ?? Number.POSITIVE_INFINITY;
  return {
    window: { sinceMs: since?.getTime() ?? Math.min(untilMs, nowMs) - usualMs, untilMs },
    nowMs,
    graceMs,
  };
}

function unreadableOf({ audited, unreadable, isFleet }: Audits<object>): ReadFailure[] {
  return [
    ...audited.flatMap(({ audit, automation, ...place }) =>
      "error" in audit
        ? [unreadableAutomation({ ...place, ...automation }, { error: audit.error, isFleet })]
        : [],
    ),
    ...unreadable,
  ];
}
