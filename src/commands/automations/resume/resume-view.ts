/** Shows the plan of a resume, and starts one run for each automation that missed any. */

import type { Automation } from "../../../api/types.js";
import type { Context } from "../../../context/context.js";
import type { Selection } from "../../../fleet/selection.js";
import { unseenText } from "../../../history/change.js";
import type { LedgerState } from "../../../incident/ledger-state.js";
import {
  isOnlyEdited,
  type ResumeItem,
  type ResumePlan,
  seesReverts,
} from "../../../incident/resume-plan.js";
import type { Plan } from "../../../operations/operation.js";
import { groupedLines, type Names } from "../../../operations/rows/names.js";
import { countDeployments, type FleetRow, itemRow, unseenRow } from "../../../operations/rows/result-rows.js";
import type { FleetSession } from "../../../operations/rows/session.js";
import { type MissedItem, skippedAnswer, startMissed } from "../../../operations/sending/start-missed.js";
import { counted } from "../../../output/count.js";
import type { Printer } from "../../../output/printer.js";
import { safe } from "../../../output/safe.js";
import { fold } from "../../../output/text/fold.js";
import { withLocalTimes } from "../../../output/time.js";
import { whyNotStarted } from "../../../runs/catch-up-plan.js";
import type { IncidentInput, planOfIncident } from "../../incidents/incident-operation.js";

/** Options for a resume. `undoes`: resumes only the automations in that change. */
export interface ResumeOptions extends IncidentInput {
  includeChanged: boolean;
  catchUp: boolean;
  /** Refs that narrow the incident; if there are none, the command asks first. */
  refs: readonly string[];
  selection: Selection;
}

interface JudgedIncident {
  session: FleetSession;
  options: ResumeOptions;
  state: LedgerState;
  judged: ResumePlan;
  names: Names;
}

export type ResumeWork = JudgedIncident & Plan<ResumeItem>;

export function toPlan(planned: JudgedIncident, common: ReturnType<typeof planOfIncident>): ResumeWork {
  const { options, judged } = planned;
  const { toResume, skipped, unreadable } = judged;
  const toStart = itemsToStart([...toResume, ...itemsBack(judged)]).length;
  const [only] = skipped;
  return {
    ...planned,
    ...common,
    items: toResume,
    unchangedItem: toResume.length === 0 && only?.verdict === "back" ? only.item : undefined,
    unsentRows: unsentRows(judged),
    unreadable,
    counts: options.catchUp ? [`${counted(toStart, "run")} to start`] : [],
    question: options.catchUp ? questionWithStarts(toResume, toStart) : undefined,
    view: {
      ...common.view,
      namesNoItems: true,
      body: ({ width }) => bodyLines(planned).map((line) => fold(safe(line, "cell"), width)),
    },
  };
}

/** Rows by verdict, until the ledger contains them. */
function unsentRows({ skipped, unknown }: ResumePlan): FleetRow[] {
  return [
    ...skipped.map(
      ({ item, verdict, reason }): FleetRow => ({
        ...itemRow(item),
        result: verdict === "back" ? "unchanged" : "skipped",
        reason,
      }),
    ),
    ...unknown.map(({ item, error }) => unseenRow(item, error)),
  ];
}

function questionWithStarts(toResume: readonly ResumeItem[], starts: number): string | undefined {
  if (starts === 0) return undefined;
  if (toResume.length === 0) return `Start ${counted(starts, "run")}?`;
  const where = counted(countDeployments(toResume), "deployment");
  return `Resume ${counted(toResume.length, "automation")} in ${where}, then start ${counted(starts, "run")}?`;
}

function bodyLines({ judged, options, names }: JudgedIncident): string[] {
  const { toResume, skipped, unreadable } = judged;
  // If a deployment is unreadable, some missed runs may be unknown.
  const isKnown =
    unreadable.length === 0 || [...toResume, ...itemsBack(judged)].some(({ missedRuns }) => missedRuns);
  const missed = isKnown ? missedRunsText(judged, options.catchUp) : undefined;
  const edited = toResume.filter(({ edit }) => edit !== undefined);
  const left = skipped.filter(({ item, verdict }) => verdict === "paused" && isOnlyEdited(item)).length;
  const isBlind = !seesReverts(toResume.map(({ ledgerItem }) => ledgerItem));
  return [
    ...(missed === undefined ? [] : [missed]),
    ...groupedLines(edited, { names, word: "changed", textOf: ({ edit = "" }) => withLocalTimes(edit) }),
    ...(left === 0 || options.undoes ? [] : [`to resume the ${left} edited since, add --include-changed`]),
    ...(isBlind ? [unseenText] : []),
  ];
}

type MissedResumeItem = ResumeItem & MissedItem & { current: Automation };

/** Items that are already resumed but may still need a catch-up. */
export function itemsBack({ skipped }: ResumePlan): ResumeItem[] {
  return skipped.flatMap(({ item, verdict }) => (verdict === "back" ? [item] : []));
}

function itemsToStart(items: readonly ResumeItem[]): MissedResumeItem[] {
  return items
    .filter(hasMissedRuns)
    .filter(({ current, missedRuns }) => whyNotStarted(current, missedRuns) === undefined);
}

/** `31 runs of 9 automations did not happen; --catch-up starts one each`; undefined if no runs were missed. */
function missedRunsText(plan: ResumePlan, isCatchUp: boolean): string | undefined {
  const missing = [...plan.toResume, ...(isCatchUp ? itemsBack(plan) : [])].filter(hasMissedRuns);
  if (missing.length === 0) return isCatchUp ? "no runs were missed" : undefined;
  const runs = missing.reduce((sum, { missedRuns }) => sum + missedRuns.runs, 0);
  const starts = itemsToStart(missing).length;
  const which = starts === missing.length ? "one each" : starts === 0 ? "none" : `${starts}, one each`;
  const missed = `${counted(missing.length, "automation")} missed ${counted(runs, "run")}`;
  return `${missed}; ${isCatchUp ? "this" : "--catch-up"} starts ${which}`;
}

/**
 * Starts one run for each resumed automation that missed any. Does so before the incident closes, so that the same
 * command can continue after a kill. Never throws, because the resumes must still be reported.
 */
export async function startMissedRuns(
  context: Context,
  printer: Printer,
  items: readonly ResumeItem[],
  { concurrency }: { concurrency?: number | undefined },
): ReturnType<typeof startMissed> {
  if (context.signal.aborted) return { rows: [] };
  const { rows, failure } = await startMissed(context, {
    items: items.filter(hasMissedRuns),
    printer,
    concurrency,
    whyNot: (item, automation) => {
      const isPaused = automation.enabled !== true;
      const why = isPaused ? ({ reason: "paused" } as const) : whyNotStarted(automation, item.missedRuns);
      return why && skippedAnswer(why);
    },
  });
  return {
    rows: rows.map((row) =>
      row.result === "skipped" ? { ...row, reason: `not started: ${row.reason}` } : row,
    ),
    failure,
  };
}

function hasMissedRuns(item: ResumeItem): item is MissedResumeItem {
  return item.missedRuns !== undefined;
}
