import type { AutomationDetail } from "../../api/types.js";
import { triggerOnce } from "../../changes/once.js";
import type { Context } from "../../context/context.js";
import type { CliError } from "../../errors/cli-errors.js";
import type { ItemResult, Outcome, Success } from "../../fleet/outcome.js";
import { unlessGone } from "../../fleet/read-many.js";
import { itemKey } from "../../fleet/refs.js";
import type { Candidate } from "../../incident/scope.js";
import type { Printer } from "../../output/printer.js";
import { type MissedCounts, totalMissed } from "../../runs/audit-results.js";
import type { MissedRuns, NotStarted } from "../../runs/catch-up-plan.js";
import { cacheRuns } from "../../runs/find.js";
import type { Operation, SendTools } from "../operation.js";
import { resultRow } from "../print-results.js";
import type { FleetRow, MissedRunCounts } from "../rows/result-rows.js";
import { sendAll } from "../send-many.js";
import { duplicateRunsError, type StartedRun } from "./duplicates.js";
import { triggerItem } from "./items.js";
import { type HeldLock, lockCatchUp } from "./locks.js";
import { runsStartedLately } from "./read-recent.js";

/** An automation for which one run is to be started. */
export interface MissedItem extends Candidate {
  missedRuns: MissedRuns;
  missed?: MissedCounts | undefined;
}

export type StartAnswer = Omit<StartedRun, "item"> | SkippedAnswer;

export interface SkippedAnswer {
  why: string;
  blockingRunId?: string | undefined;
}

interface StartPlan<Item extends MissedItem> {
  items: readonly Item[];
  /** Judges an item as read right before its start; a returned reason prevents the start. */
  whyNot(item: Item, automation: AutomationDetail): SkippedAnswer | undefined;
}

/**
 * Starts one run for each item, at most once, even if several commands with this data folder do so at once or one was
 * killed (src/runs/README.md, "Catching up"). Each item is read right before its start. Call `close` at the end.
 */
export function missedRunOperation<Item extends MissedItem>(context: Context, printer: Printer) {
  let lock: HeldLock | undefined;
  let startedLately: ReturnType<typeof runsStartedLately> = new Map();
  const operation: Pick<Operation<Item, StartAnswer>, "words" | "subject" | "detail"> = {
    words: { verb: "Start", doing: "Starting", done: "started" },
    subject: (item) => item,
    detail: (item, success) => ({ ...itemMissedFields(item), ...(success && startFields(success.value)) }),
  };
  return {
    ...operation,
    send: async (
      item: Item,
      tools: SendTools,
      { whyNot }: StartPlan<Item>,
    ): Promise<Success<StartAnswer>> => {
      const run_id = startedLately.get(itemKey(item))?.at(-1);
      // The automation may not show the run yet, and the API has no GET for a run.
      if (run_id !== undefined)
        return { result: "unchanged", value: skippedAnswer({ reason: "made_up", run_id }) };
      return startOne(context, item, { ...tools, whyNot });
    },
    beforeSending: async ({ items }: StartPlan<Item>) => {
      if (items.length === 0) return;
      lock = await lockCatchUp(context, { triggers: new Set(items.map(itemKey)), printer });
      startedLately = runsStartedLately(context);
    },
    /** Unlocks, caches the runs, and returns the error for those that somebody else also started. */
    end: async (results: readonly ItemResult<Item, StartAnswer>[]) => {
      lock?.release();
      const started = startedRuns(results);
      await cacheRuns(
        context.settings,
        started.map(({ item: { deployment_id, automation_id }, run_id }) => {
          return { run_id, deployment_id, automation_id };
        }),
      );
      return duplicateRunsError(context, { started, printer });
    },
    close: () => lock?.release(),
  };
}

/**
 * Starts missed runs as part of another command, and returns their rows and the error for runs that others also
 * started. A failure doesn't stop the others; after Ctrl-C the items in flight finish. Never throws.
 */
export async function startMissed<Item extends MissedItem>(
  context: Context,
  { printer, concurrency, ...plan }: StartPlan<Item> & { printer: Printer; concurrency?: number | undefined },
): Promise<{ rows: FleetRow[]; failure?: CliError | undefined }> {
  const { items } = plan;
  if (items.length === 0) return { rows: [] };
  const starting = missedRunOperation<Item>(context, printer);
  const rowOf = (result: ItemResult<Item, StartAnswer>): FleetRow => ({
    ...itemMissedFields(result.item),
    ...resultRow(starting, result),
  });
  try {
    await starting.beforeSending(plan);
    const sendable = { ...starting, input: { concurrency } };
    const { results } = await sendAll(context, sendable, { plan, printer });
    return { rows: results.map(rowOf), failure: await starting.end(results) };
  } catch (error) {
    const outcome: Outcome<StartAnswer> = context.signal.aborted
      ? { result: "skipped", reason: "interrupted" }
      : { result: "failed", error };
    return { rows: items.map((item) => rowOf({ item, outcome })) };
  } finally {
    starting.close();
  }
}

export function startedRuns(results: readonly ItemResult<MissedItem, StartAnswer>[]): StartedRun[] {
  return results.flatMap(({ item, outcome }) =>
    "value" in outcome && "run_id" in outcome.value ? [{ item, ...outcome.value }] : [],
  );
}

async function startOne<Item extends MissedItem>(
  context: Context,
  item: Item,
  { change, settleLater, whyNot }: SendTools & Pick<StartPlan<Item>, "whyNot">,
): Promise<Success<StartAnswer>> {
  const { deployment_id, automation_id } = item;
  const { automations } = await context.client();
  const automation = await unlessGone(
    automations.get(deployment_id, automation_id, { signal: context.signal }),
  );
  if (automation === undefined) return { result: "unchanged", value: { why: "deleted" } };
  const skipped = whyNot(item, automation);
  if (skipped !== undefined) return { result: "unchanged", value: skipped };
  const known = new Set(automation.recent_runs.map(({ run_id }) => run_id));
  const once = triggerOnce(context, { deployment_id, automation_id, known });
  const sent = change.send(triggerItem({ deployment_id, before: automation }), once, settleLater);
  const { run_id } = await sent;
  return { result: "done", value: { run_id, known: known.add(run_id) } };
}

function startFields(answer: StartAnswer): Pick<FleetRow, "result" | "reason" | "run_id"> {
  return "run_id" in answer
    ? { result: "started", run_id: answer.run_id }
    : { result: "skipped", reason: answer.why, run_id: answer.blockingRunId };
}

export function itemMissedFields({ missedRuns, missed }: MissedItem): MissedRunCounts {
  return missed === undefined ? { missed: missedRuns.runs } : missedFields(missed);
}

export function missedFields(counts: MissedCounts): MissedRunCounts {
  const { madeUp, mayStillStart } = counts;
  return {
    missed: totalMissed(counts),
    ...(madeUp > 0 ? { made_up: madeUp } : {}),
    ...(mayStillStart > 0 ? { may_still_start: mayStillStart } : {}),
  };
}

export function skippedAnswer(why: NotStarted): SkippedAnswer {
  return { why: reasons[why.reason], blockingRunId: "run_id" in why ? why.run_id : undefined };
}

const reasons: Record<NotStarted["reason"], string> = {
  paused: "it is paused",
  may_still_start: "missed less than an hour ago: the platform may start it itself",
  running: "a run is still going",
  waiting: "a run is waiting for an answer",
  made_up: "a run was started since",
};
