import { NotFoundError } from "../../../api/errors.js";
import type { Context } from "../../../context.js";
import { keyStop } from "../../../fleet/failure.js";
import type { Stop } from "../../../fleet/outcome.js";
import type { DeploymentReading } from "../../../fleet/read-fleet.js";
import { itemKey } from "../../../fleet/refs.js";
import type { ChangeAnswer, ChangeResult } from "../../../incident/change.js";
import { checkIncident, type ItemState, isIncidentOver } from "../../../incident/check.js";
import type { Ledger } from "../../../incident/ledger.js";
import type { LedgerLine } from "../../../incident/ledger-lines.js";
import { confirmedLine, isOwn } from "../../../incident/ledger-state.js";
import { fleetItems } from "../../../incident/pause-plan.js";
import { judgeResume } from "../../../incident/resume-plan.js";
import { leftLines, type ResumeItem } from "../../../incident/resume-selection.js";
import { countsOf } from "../../fleet/ending.js";
import { printPlanned } from "../../fleet/planned.js";
import {
  type FleetRow,
  itemRow,
  judgedRow,
  notGone,
  resultRow,
  unreadableRow,
  wasGone,
} from "../../fleet/rows.js";
import { type FleetSession, readBackDeployments } from "../../fleet/session.js";
import { changePlanned } from "../../incidents/change-planned.js";
import type { OpenIncident } from "../../incidents/ledger-choice.js";
import { refuseStartedTwice } from "../../sending/started-twice.js";
import { everyOf, type PreparedResume, type ResumeReadBack, readingsOf } from "./prepared.js";
import { startKept } from "./start-kept.js";
import { type ResumeResult, summariseResumes, withoutTold } from "./summary.js";

/** Shows what `--dry-run` found. */
export async function printPlannedResume(prepared: readonly PreparedResume[]): Promise<void> {
  const [first] = prepared;
  if (first === undefined) return;
  const { session, options } = first;
  const rows = prepared.flatMap(plannedRows);
  const toStart = prepared.flatMap(({ kept }) => kept.filter(({ isToStart }) => isToStart));
  const unreadable = new Set(prepared.flatMap(({ plan }) => plan.unreadable));
  await printPlanned(session.printer, {
    rows: prepared.flatMap((each) => withoutTold(plannedRows(each), each)),
    counts: [
      ...countsOf(rows, [
        ["planned", "to resume"],
        ["unchanged", "back already"],
        ["left", "left alone"],
      ]),
      ...(options.catchUp ? [`${toStart.length} to start`] : []),
    ],
    unreadable: [...unreadable],
    deployments: everyOf(session, prepared),
    isSingle: options.refs.length === 1,
  });
}

function plannedRows(prepared: PreparedResume): FleetRow[] {
  const kept = new Map(
    prepared.options.catchUp ? prepared.kept.map((item) => [itemKey(item), item.owed]) : [],
  );
  const planned = prepared.plan.toResume.map(
    (item): FleetRow => ({ ...itemRow(item), result: "planned", missed: kept.get(itemKey(item))?.runs }),
  );
  return [...planned, ...leftRows(prepared)];
}

/**
 * Brings back incident by incident, reads all back, closes what is over, and says what came of it. `open`: their ledgers,
 * in the same order.
 */
export async function carryOutResumes(
  context: Context,
  prepared: readonly PreparedResume[],
  open: readonly OpenIncident[],
): Promise<void> {
  const sent: Sent[] = [];
  for (const [at, each] of prepared.entries()) {
    const incident = open[at];
    if (incident === undefined) continue;
    const stopped = keyStop(sent.flatMap(({ results }) => results));
    sent.push(await sendResume(context, each, { ...incident, stopped }));
  }
  const readings = await readBackAll(context, prepared);
  const settled: Settled[] = [];
  for (const each of sent)
    settled.push({ ...each, readBack: readings && (await settleResume(context, each, readings)) });
  const { rows: started, twice } = await startKept(context, settled);
  const parts: ResumeResult[] = [];
  for (const [at, { left, readBack, ...each }] of settled.entries()) {
    const runs = started[at] ?? [];
    const isUnfinished = runs.some(({ result }) => result !== "started" && result !== "left");
    const isClosed = readBack?.isOver === true && !isUnfinished;
    if (isClosed) await close(context, each);
    const rows = [...(readBack?.rows ?? each.results.map((result) => resultRow(result, "resume"))), ...left];
    parts.push({
      ...each,
      rows,
      started: runs,
      readBack,
      isClosed,
    });
  }
  const unreadable = new Set(prepared.flatMap(({ plan }) => plan.unreadable));
  await summariseResumes(context, parts, [...unreadable].map(unreadableRow));
  refuseStartedTwice(twice);
}

interface Sent {
  prepared: PreparedResume;
  ledger: Ledger;
  results: readonly ChangeResult<ResumeItem>[];
  left: readonly FleetRow[];
}

interface Settled extends Sent {
  /** Undefined after Ctrl-C. */
  readBack: ResumeReadBack | undefined;
}

async function sendResume(
  context: Context,
  prepared: PreparedResume,
  open: OpenIncident & { stopped: Stop | undefined },
): Promise<Sent> {
  open.ledger.write(leftLines(prepared.plan, context.now().toISOString()));
  const left = leftRows(prepared);
  const { session, options, plan } = prepared;
  const results = await changePlanned<ResumeItem>(context, session.printer, {
    ...open,
    change: "resume",
    items: plan.toResume,
    concurrency: options.concurrency,
    check: (item) => checkAgain(context, session, { item, includesChanged: options.includeChanged }),
  });
  return { prepared, ledger: open.ledger, results, left };
}

async function readBackAll(
  context: Context,
  prepared: readonly PreparedResume[],
): Promise<DeploymentReading[] | undefined> {
  const [first] = prepared;
  if (first === undefined) return undefined;
  const { session, options } = first;
  const deployments = everyOf(session, prepared);
  const unread = prepared.flatMap(({ plan }) => plan.unreadable);
  return readBackDeployments(context, session, { deployments, concurrency: options.concurrency, unread });
}

/** The verdicts were made before the ledger took them up, so their rows are too. */
function leftRows({ plan }: PreparedResume): FleetRow[] {
  return plan.left.map(({ item, verdict, reason }) => ({
    ...itemRow(item),
    result: verdict === "back" ? "unchanged" : "left",
    reason,
  }));
}

/** Looks once more right before it is enabled: the plan may be as old as the question. */
async function checkAgain(
  context: Context,
  { client }: FleetSession,
  { item, includesChanged }: { item: ResumeItem; includesChanged: boolean },
): Promise<ChangeAnswer | undefined> {
  const { deployment_id, automation_id, ledgerItem, claims } = item;
  try {
    const current = await client.automations.get(deployment_id, automation_id, { signal: context.signal });
    if (current.enabled) return { result: "enabled", reason: "enabled by now" };
    const verdict = judgeResume(ledgerItem, current, { claims, includesChanged });
    if (verdict.verdict === "resume" || verdict.verdict === "back") return undefined;
    return { result: verdict.verdict, reason: verdict.reason };
  } catch (error) {
    if (error instanceof NotFoundError) return { result: "gone", reason: "deleted" };
    throw error;
  }
}

/** Tells the ledger what reading back shows. */
async function settleResume(
  context: Context,
  { prepared, ledger, results }: Sent,
  everything: readonly DeploymentReading[],
): Promise<ResumeReadBack | undefined> {
  const { plan } = prepared;
  const { state } = ledger;
  if (state === undefined) return undefined;
  const readings = readingsOf(prepared, everything);
  const at = context.now();
  const enabled = new Map(fleetItems(readings).map((item) => [itemKey(item), item.automation.enabled]));
  const confirmed = results.filter(
    ({ item, outcome }) => outcome.result === "unknown" && enabled.get(itemKey(item)) === true,
  );
  const still = results.filter((each) => wasGone(each) && enabled.get(itemKey(each.item)) === false);
  ledger.write([
    ...confirmed.map(({ item }) => confirmedLine("resume", item, { at })),
    ...still.map(({ item }) => notGoneLine(item, at)),
  ]);
  const check = checkIncident(state, { readings, at });
  await ledger.settle();
  const own = check.items.filter((item) => item.was_enabled === true);
  const count = (...states: ItemState[]) => own.filter(({ state: each }) => states.includes(each)).length;
  return {
    at,
    rows: results.map((result) =>
      judgedRow(result, "resume", enabled.get(itemKey(result.item)) ?? undefined),
    ),
    stillPaused: count("paused", "left"),
    unread: count("unknown"),
    unmet: [...leftOf(plan), ...results.filter(wasLeft).map(({ item }) => item)].filter(
      (item) => isOwn(item.ledgerItem) && enabled.get(itemKey(item)) === false,
    ),
    confirmed: new Set(confirmed.map(({ item }) => itemKey(item))),
    isOver: isIncidentOver(state, check),
  };
}

/** It stays the incident's own. */
function notGoneLine({ deployment_id, automation_id }: ResumeItem, at: Date): LedgerLine {
  const line = { type: "outcome", change: "resume", result: "failed", deployment_id, automation_id } as const;
  return { ...line, at: at.toISOString(), reason: notGone("paused") };
}

/** Only once the runs are started that it kept from happening: until then the same command goes on. */
async function close(context: Context, { ledger }: Pick<Sent, "ledger">): Promise<void> {
  ledger.write([{ type: "closed", at: context.now().toISOString(), why: "resumed" }]);
  await ledger.settle();
}

function leftOf({ left }: PreparedResume["plan"]): ResumeItem[] {
  return left.flatMap(({ item, verdict }) => (verdict === "left" ? [item] : []));
}

function wasLeft({ outcome }: ChangeResult<ResumeItem>): boolean {
  return "value" in outcome && outcome.value.result === "left";
}
