import type { Automation } from "../../../api/types.js";
import type { Context } from "../../../context/context.js";
import type { ResumeItem, ResumePlan } from "../../../incident/resume-plan.js";
import { type MissedItem, skippedAnswer, startMissed } from "../../../operations/sending/start-missed.js";
import { counted } from "../../../output/count.js";
import type { Printer } from "../../../output/printer.js";
import { whyNotStarted } from "../../../runs/catch-up.js";

type MissedResumeItem = ResumeItem & MissedItem & { current: Automation };

/** Items that are back already: a catch-up may be due for them still. */
export function itemsBack({ skipped }: ResumePlan): ResumeItem[] {
  return skipped.flatMap(({ item, verdict }) => (verdict === "back" ? [item] : []));
}

export function itemsToStart(items: readonly ResumeItem[]): MissedResumeItem[] {
  return items
    .filter(hasMissedRuns)
    .filter(({ current, missedRuns }) => whyNotStarted(current, missedRuns) === undefined);
}

/** `31 runs of 9 automations did not happen; --catch-up starts one each`; undefined where nothing was missed. */
export function missedRunsText(plan: ResumePlan, isCatchUp: boolean): string | undefined {
  const missing = [...plan.toResume, ...(isCatchUp ? itemsBack(plan) : [])].filter(hasMissedRuns);
  if (missing.length === 0) return isCatchUp ? "no run was missed" : undefined;
  const runs = missing.reduce((sum, { missedRuns }) => sum + missedRuns.runs, 0);
  const starts = itemsToStart(missing).length;
  const which = starts === missing.length ? "one each" : starts === 0 ? "none" : `${starts}, one each`;
  const missed = `${counted(runs, "run")} of ${counted(missing.length, "automation")} did not happen`;
  return `${missed}; ${isCatchUp ? "this" : "--catch-up"} starts ${which}`;
}

/**
 * Starts one run for each that is back and missed any, before the incident is closed, so that the same command goes on after
 * a kill. Never throws: what was resumed has to be reported.
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
