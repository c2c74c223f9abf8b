import { several } from "../../../command/arguments.js";
import { declareCommand, type InputOf } from "../../../command/declaration.js";
import { advanced, choice, duration, flag, inGroup, time } from "../../../command/flags.js";
import { requestCodes } from "../../../command/help.js";
import { commandLine } from "../../../command-line/next-command.js";
import { loadWindow, type WindowAt } from "../../../command-line/time-window.js";
import type { Context } from "../../../context/context.js";
import { exitCodes, QuietExit } from "../../../errors/errors.js";
import type { Selection } from "../../../fleet/selection.js";
import { reachLine, readReach } from "../../../operations/rows/reach.js";
import {
  type ReadFailure,
  reportUnreadable,
  unreadableAutomation,
} from "../../../operations/rows/read-with-progress.js";
import {
  readSelection,
  selectionFlags,
  selectionWords,
  warnOfUnmatched,
} from "../../../operations/selection/selection.js";
import { deploymentFirst, pipedFields } from "../../../output/columns.js";
import { counted } from "../../../output/count.js";
import { dayMs } from "../../../output/duration.js";
import { printList } from "../../../output/list.js";
import { createPrinter } from "../../../output/printer.js";
import { type Audit, auditOf } from "../../../runs/audit.js";
import { countMissed, sumMissed } from "../../../runs/audited-run.js";
import { catchUpAfter } from "../../../runs/catch-up.js";
import { automationColumns, automationsView } from "./by-automation.js";
import { type Audits, type AuditTimes, collectAudits } from "./collect.js";
import { type AuditView, auditColumns } from "./columns.js";
import {
  type AuditRow,
  auditJson,
  auditRows,
  groupDeployments,
  groupRuns,
  withoutOnTime,
  worstFirst,
} from "./rows.js";
import {
  auditCounts,
  cutText,
  isBeforeAll,
  missedSummary,
  reachText,
  seenOf,
  sumScheduledRuns,
  whyNoRows,
} from "./summary.js";

export const command = declareCommand({
  effect: "reads",
  arguments: { refs: several("ref", "ids, exact names, or <deployment>/<name>", { completes: "refs" }) },
  flags: {
    since: time("how far to look back: 12h, yesterday, mon (default 7d)"),
    until: advanced(time("only what was due before")),
    grace: duration("how late a run may start and still count as on time", { usual: "15m" }),
    ...selectionFlags,
    ...inGroup("Output", {
      by: choice("what", "a row for each automation, with its failed runs and p95", ["automation"] as const),
      verbose: flag("a row for every scheduled run, also those on time", { excludes: ["by"] }),
      exitCode: flag("exit with 9 if any was missed, or ran although paused"),
    }),
  },
  help: {
    about: "Show which scheduled runs were late, overlapped or never happened.",
    use: "Run it after an outage, or nightly with --exit-code. A run counts as missed only with proof; otherwise it is unknown, and says why: due before the last change or the API's oldest run, or during a pause. A scheduled run while paused is unexpected.",
    notes:
      "Any later run makes up for a missed one (made_up); one missed less than an hour ago may still start (may_still_start). catch-up counts by the same rule. --by automation also counts, over all runs, how many failed, and their 95th-percentile duration (P95). At most the last 1,000 runs of an automation are listed one by one.",
    inPipe: `${pipedFields(auditColumns(new Date(0), { isFleet: false }))}; --by automation: ${pipedFields(automationColumns({ isFleet: false }))} ${deploymentFirst}`,
    exitCodes: requestCodes({
      8: "some could not be read",
      9: "--exit-code, and something was missed or unexpected",
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
  return `${commandLine(context, words)} starts ${counted(toCatchUp, "run")}`;
}

/** Up to now, and seven days, unless it is said otherwise. */
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
