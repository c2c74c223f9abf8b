import type { AutomationDetail } from "../../../api/types.js";
import { several } from "../../../command/arguments.js";
import { declareCommand, type InputOf } from "../../../command/declaration.js";
import { duration, seldom, time, yes } from "../../../command/flags.js";
import { requestCodes } from "../../../command/help.js";
import { loadWindow, type WindowAt } from "../../../command-line/time-window.js";
import type { Context } from "../../../context.js";
import { exitCodes, QuietExit } from "../../../errors.js";
import { type Audit, auditOf } from "../../../observe/audit.js";
import type { AuditOptions } from "../../../observe/audited-fire.js";
import { countMissed, sumMissed } from "../../../observe/missed.js";
import { dayMs } from "../../../output/duration.js";
import { printList } from "../../../output/list.js";
import { createPrinter } from "../../../output/printer.js";
import { endUnread, type Unread, unreadAutomation } from "../../fleet/reading.js";
import { readSelection, refuseSelection, selectionFlags, warnOfUnfitted } from "../../targets/selection.js";
import { type Audits, type AuditTimes, collectAudits } from "./collect.js";
import { auditColumns } from "./columns.js";
import { type AuditRow, auditJson, foldRows, worstFirst } from "./rows.js";
import {
  cutText,
  firesText,
  isBeforeAll,
  missedText,
  reachText,
  seenOf,
  sumFires,
  whyNoRows,
} from "./summary.js";

export const command = declareCommand({
  effect: "reads",
  arguments: { refs: several("ref", "ids, exact names, or <deployment>/<name>", { completes: "refs" }) },
  flags: {
    since: time("how far to look back: 12h, yesterday, mon (default 7d)"),
    until: seldom(time("only what was due before")),
    grace: duration("how late a run is on time still", { usual: "5m" }),
    verbose: yes("a row for every fire, those on time too"),
    exitCode: yes("exit with 9 if any was missed, or ran although paused"),
    ...selectionFlags,
  },
  help: {
    about:
      "Show which scheduled runs came late, overlapped or never happened: every fire of the schedules, and what became of it.",
    use: "After an outage, or as a nightly check with --exit-code. A fire is missed only where that is proved: what lies before the last change or the oldest run that the API tells of, or in a pause, is unknown, with the reason. A run that its schedule started although it is paused is unexpected.",
    notes:
      "A scheduled run answers the last fire before it, a manual one none. Any run that started later makes up for a missed one (made_up); one missed less than an hour ago the platform may still start (may_still_start). catch-up counts by the same rule. Of an automation that fires very often the last 1,000 fires are told one by one.",
    inPipe:
      "name, due (of an unexpected run its start), result (on_time, late, missed, overlapping, unknown, unexpected), seconds late, reason, run id, id (with several deployments the deployment's id first)",
    exitCodes: requestCodes({
      8: "some could not be read",
      9: "--exit-code, and something was missed or unexpected",
    }),
    examples: [
      "herm automations audit",
      'herm automations audit "Weekly video variations" --since 30d --verbose',
      "herm automations audit --all-deployments --since yesterday --exit-code",
    ],
  },
  run: (context, input): Promise<void> => auditAutomations(context, input),
});

const usualMs = 7 * dayMs;

/** Prints what became of each fire; throws PartialFailureError where something could not be read. */
async function auditAutomations(context: Context, input: InputOf<typeof command>): Promise<void> {
  const { refs, verbose, exitCode } = input;
  const selection = readSelection(context, input);
  if (refs.length > 0) refuseSelection(selection);
  const windowAt = await loadWindow(input);
  const printer = await createPrinter(context);
  const times = () => timesAt(context.serverNow(), { windowAt, graceMs: input.grace });
  const judge = verbose ? auditOf : withoutOnTime;
  const audits = await collectAudits(context, { refs, selection, times, judge }, printer);
  const { window, nowMs } = audits.times;
  const now = new Date(nowMs);
  warnOfUnfitted(printer, selection);
  const seen = seenOf(audits.audited);
  const isNothingKnown = isBeforeAll(seen);
  const rows = rowsOf(audits, { isNothingKnown });
  const { isFleet } = audits;
  const nameOnce = onceEach();
  const count = await printList<AuditRow>(printer, {
    items: printer.isForPerson && !verbose ? worstFirst(foldRows(rows)) : rows,
    columns: auditColumns(now, { isFleet }),
    json: (row) => auditJson(row, { isFleet }),
    name: ({ automation, deploymentId }) =>
      nameOnce(
        automation && (isFleet ? `${deploymentId}/${automation.automation_id}` : automation.automation_id),
      ),
    empty: () => Promise.resolve(whyNoRows(audits, seen, { selection, ...window, now })),
  });
  const counts = sumFires(seen);
  if (count > 0) printer.note(firesText(counts, seen.length));
  const missed = missedText(sumMissed(seen.map(({ audit }) => countMissed(audit.fires))));
  if (missed !== undefined) printer.note(missed);
  const hasFires = Object.values(counts).some((count) => count > 0);
  if (!isNothingKnown && hasFires) printer.note(reachText(seen, { ...window, now, isFleet }));
  const cut = cutText(seen, isFleet);
  if (cut !== undefined) printer.note(cut);
  await endUnread(unreadOf(audits), { printer, settings: context.settings, what: "audit" });
  if (exitCode && counts.missed + counts.unexpected > 0) throw new QuietExit(exitCodes.found);
}

/** Most are on time: over a large fleet it is they that would take the memory. */
function withoutOnTime(automation: AutomationDetail, options: AuditOptions): Audit {
  const audit = auditOf(automation, options);
  return { ...audit, fires: audit.fires.filter(({ result }) => result !== "on_time") };
}

/** Up to now, and seven days, unless it is said otherwise. */
function timesAt(now: Date, { windowAt, graceMs }: { windowAt: WindowAt; graceMs: number }): AuditTimes {
  const { since, until } = windowAt(now);
  const nowMs = now.getTime();
  // What is due at this moment is due.
  const untilMs = until?.getTime() ?? nowMs + 1;
  return {
    window: { sinceMs: since?.getTime() ?? Math.min(untilMs, nowMs) - usualMs, untilMs },
    nowMs,
    graceMs,
  };
}

function rowsOf({ audited, unread }: Audits, { isNothingKnown }: { isNothingKnown: boolean }): AuditRow[] {
  const rows = audited.flatMap(({ target, automation, audit }): AuditRow[] => {
    const place = {
      deploymentId: target.deploymentId,
      deploymentName: target.name,
      customerId: target.customerId,
      automation,
    };
    if ("error" in audit) return [{ ...place, result: "unknown", reason: "not_read" }];
    const fires = isNothingKnown ? [] : audit.fires;
    const rows = fires.map((fire) => ({ ...place, fire, result: fire.result, reason: fire.reason }));
    const { problem } = audit;
    return problem === undefined ? rows : [...rows, { ...place, result: "unknown", reason: problem }];
  });
  const missing = unread.map(
    ({ target: { deploymentId, name, customerId } }): AuditRow => ({
      deploymentId,
      deploymentName: name,
      customerId,
      result: "unknown",
      reason: "not_read",
    }),
  );
  return [...rows, ...missing];
}

/** Each text the first time alone. */
function onceEach(): (text: string | undefined) => string | undefined {
  const given = new Set<string>();
  return (text) => {
    if (text === undefined || given.has(text)) return undefined;
    given.add(text);
    return text;
  };
}

function unreadOf({ audited, unread, isFleet }: Audits): Unread[] {
  const automations = audited.flatMap(({ target, audit, automation: { name, automation_id } }): Unread[] => {
    if (!("error" in audit)) return [];
    return [unreadAutomation(name ?? automation_id, { target, error: audit.error, isFleet })];
  });
  return [
    ...automations,
    ...unread.map(({ target, error }): Unread => ({ kind: "deployment", what: target.name, error })),
  ];
}
