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
import type { Names } from "../../../operations/rows/names.js";
import { groupedLines } from "../../../operations/rows/row-lines.js";
import { countDeployments, type FleetRow, itemRow, unseenRow } from "../../../operations/rows/rows.js";
import type { FleetSession } from "../../../operations/rows/session.js";
import { counted } from "../../../output/count.js";
import { safe } from "../../../output/safe.js";
import { fold } from "../../../output/text/fold.js";
import { withLocalTimes } from "../../../output/time.js";
import type { IncidentInput, planOfIncident } from "../../incidents/incident-operation.js";
import { itemsBack, itemsToStart, missedRunsText } from "./missed-runs.js";

/** Options of a resume. `undoes`: only what that paused is brought back. */
export interface ResumeOptions extends IncidentInput {
  includeChanged: boolean;
  catchUp: boolean;
  /** Refs that narrow the incident; without any it asks first. */
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

/** Rows by the verdicts from before the ledger had them. */
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
  // Where a deployment can't be read, no missed runs doesn't mean that there were none.
  const isKnown =
    unreadable.length === 0 || [...toResume, ...itemsBack(judged)].some(({ missedRuns }) => missedRuns);
  const missed = isKnown ? missedRunsText(judged, options.catchUp) : undefined;
  const edited = toResume.filter(({ edit }) => edit !== undefined);
  const left = skipped.filter(({ item, verdict }) => verdict === "paused" && isOnlyEdited(item)).length;
  const isBlind = !seesReverts(toResume.map(({ ledgerItem }) => ledgerItem));
  return [
    ...(missed === undefined ? [] : [missed]),
    ...groupedLines(edited, { names, word: "changed", textOf: ({ edit = "" }) => withLocalTimes(edit) }),
    ...(left === 0 || options.undoes ? [] : [`--include-changed also resumes the ${left} edited since`]),
    ...(isBlind ? [unseenText] : []),
  ];
}
