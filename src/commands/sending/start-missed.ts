import { NotFoundError } from "../../api/errors.js";
import type { AutomationDetail } from "../../api/types.js";
import type { Context } from "../../context.js";
import type { ItemResult, Success } from "../../fleet/outcome.js";
import type { Candidate } from "../../incident/scope.js";
import { groupBy } from "../../manifest/group-by.js";
import type { NotStarted, Owed } from "../../observe/catch-up.js";
import { type MissedCounts, totalMissed } from "../../observe/missed.js";
import type { Printer } from "../../output/printer.js";
import { rememberRuns } from "../../runs/remembered.js";
import { type FleetRow, itemRow, notDone } from "../fleet/rows.js";
import type { SendTools } from "../operations/operation.js";
import { type Sendable, sendAll } from "../operations/send-all.js";
import { triggerItem } from "./items.js";
import { findStartedTwice, type StartedRun, type StartedTwice } from "./started-twice.js";
import { takeCatchUpTurn } from "./turn.js";

/** An automation for which one run is to be started. */
export interface Owing extends Candidate {
  owed: Owed;
  /** What its audit counted. */
  missed?: MissedCounts | undefined;
}

/** The run that was started, or why none was. */
export type StartAnswer = Omit<StartedRun, "item"> | LeftAnswer;

/** Why no run is started, and the run that is the reason, if one is. */
export interface LeftAnswer {
  why: string;
  /** The run that it is because of. */
  because?: string | undefined;
}

export interface StartWork<Item extends Owing> {
  items: readonly Item[];
  printer: Printer;
  concurrency?: number | undefined;
  /** Looks at an item as it was read right before it is started; a reason keeps it from being started. */
  whyNot(item: Item, automation: AutomationDetail): LeftAnswer | undefined;
}

export interface Starts<Item extends Owing> {
  results: ItemResult<Item, StartAnswer>[];
  /** What somebody else started too: named already, and to be refused at the end. */
  twice: readonly StartedTwice[];
}

/**
 * Starts one run for each, at most once, also where several with this data folder do so together or one was killed
 * (src/observe/README.md, "Catching up"): each is read right before. What fails doesn't stop the others; Ctrl-C lets what is
 * in flight finish.
 */
export async function startMissed<Item extends Owing>(
  context: Context,
  work: StartWork<Item>,
): Promise<Starts<Item>> {
  const { items, printer } = work;
  if (items.length === 0) return { results: [], twice: [] };
  const turn = await takeCatchUpTurn(context, { triggers: idsOf(items), printer });
  const results = await startInTurn(context, work).finally(() => turn.release());
  return { results, twice: await findStartedTwice(context, { started: results.flatMap(started), printer }) };
}

function started({ item, outcome }: ItemResult<Owing, StartAnswer>): StartedRun[] {
  return "value" in outcome && "runId" in outcome.value ? [{ item, ...outcome.value }] : [];
}

async function startInTurn<Item extends Owing>(
  context: Context,
  { items, printer, concurrency, whyNot }: StartWork<Item>,
): Promise<ItemResult<Item, StartAnswer>[]> {
  const starting: Sendable<Item, StartAnswer> = {
    words: { verb: "Start", doing: "Starting", done: "started", toDo: "start", unchanged: "unchanged" },
    input: { concurrency },
    subject: (item) => item,
    detail: (item, outcome) => (outcome === undefined ? {} : startRow({ item, outcome })),
    send: (item, tools) => startOne(context, item, { ...tools, whyNot }),
  };
  const { results } = await sendAll(context, starting, { plan: { items }, printer });
  const runs = results.flatMap(started);
  await rememberRuns(
    context.settings,
    runs.map(({ item: { deployment_id, automation_id }, runId: run_id }) => ({
      run_id,
      deployment_id,
      automation_id,
    })),
  );
  return results;
}

function idsOf(items: readonly Owing[]): Map<string, Set<string>> {
  const groups = groupBy(items, ({ deployment_id }) => deployment_id);
  return new Map(
    [...groups].map(([id, theirs]) => [id, new Set(theirs.map(({ automation_id }) => automation_id))]),
  );
}

async function startOne<Item extends Owing>(
  context: Context,
  item: Item,
  { change, sender, whyNot }: SendTools & Pick<StartWork<Item>, "whyNot">,
): Promise<Success<StartAnswer>> {
  const { deployment_id: deploymentId, automation_id: automationId } = item;
  const { automations } = await context.client();
  let automation: AutomationDetail;
  try {
    automation = await automations.get(deploymentId, automationId, { signal: context.signal });
  } catch (error) {
    if (error instanceof NotFoundError) return { result: "unchanged", value: { why: "deleted" } };
    throw error;
  }
  const left = whyNot(item, automation);
  if (left !== undefined) return { result: "unchanged", value: left };
  const known = new Set(automation.recent_runs.map(({ run_id }) => run_id));
  const send = async () => (await sender().trigger({ deploymentId, automationId, known })).value;
  const { run_id: runId } = await change.send(triggerItem({ deploymentId, before: automation }), { send });
  return { result: "done", value: { runId, known: known.add(runId) } };
}

/** The row of an item for which a run was to be started. */
export function startRow({ item, outcome }: ItemResult<Owing, StartAnswer>): FleetRow {
  const row = owingRow(item);
  if ("value" in outcome) {
    const { value } = outcome;
    return "runId" in value
      ? { ...row, result: "started", run_id: value.runId }
      : { ...row, result: "left", reason: value.why, run_id: value.because };
  }
  return { ...row, ...notDone(outcome) };
}

/** The part of a row that says how much was missed. */
export function owingRow({ owed, missed, ...item }: Owing): Omit<FleetRow, "result"> {
  return { ...itemRow(item), ...(missed === undefined ? { missed: owed.runs } : missedFields(missed)) };
}

/** What was missed, as a row has it. */
export function missedFields(counts: MissedCounts): Pick<FleetRow, "missed" | "made_up" | "may_still_start"> {
  const { madeUp, mayStillStart } = counts;
  return {
    missed: totalMissed(counts),
    ...(madeUp > 0 ? { made_up: madeUp } : {}),
    ...(mayStillStart > 0 ? { may_still_start: mayStillStart } : {}),
  };
}

/** Why no run is started, as in a row. */
export function leftAnswer(why: NotStarted): LeftAnswer {
  return { why: reasons[why.reason], because: "runId" in why ? why.runId : undefined };
}

const reasons: Record<NotStarted["reason"], string> = {
  paused: "it is paused",
  may_still_start: "missed less than an hour ago: the platform may start it itself",
  running: "a run is still going",
  waiting: "a run waits for an answer",
  made_up: "a run was started since",
};
