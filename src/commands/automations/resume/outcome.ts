import { NotFoundError } from "../../../api/errors.js";
import type { Context } from "../../../context.js";
import type { ChangeAnswer, ChangeResult } from "../../../incident/change.js";
import { checkIncident, type ItemState, isOver } from "../../../incident/check.js";
import { confirmedLine, isOwn, itemKey } from "../../../incident/ledger-state.js";
import { fleetItems } from "../../../incident/pause-plan.js";
import { judgeResume } from "../../../incident/resume-plan.js";
import { leftLines, type ResumeItem } from "../../../incident/resume-selection.js";
import { countsOf } from "../../fleet/ending.js";
import { printPlanned } from "../../fleet/planned.js";
import { type FleetRow, itemRow, judgedRow, resultRow, unreadableRow } from "../../fleet/rows.js";
import { type FleetSession, readBackDeployments } from "../../fleet/session.js";
import { changePlanned } from "../../incidents/change-planned.js";
import type { OpenIncident } from "../../incidents/ledger-choice.js";
import type { PreparedResume, ResumeReadBack } from "./prepared.js";
import { summariseResume, withoutTold } from "./summary.js";

/** Shows what `--dry-run` found. */
export async function printPlannedResume(context: Context, prepared: PreparedResume): Promise<void> {
  const { session, options, deployments, plan } = prepared;
  const rows = [
    ...plan.toResume.map((item): FleetRow => ({ ...itemRow(item), result: "planned" })),
    ...leftRows(prepared),
  ];
  await printPlanned(session.printer, {
    rows: withoutTold(context, rows, prepared),
    counts: countsOf(rows, [
      ["planned", "to resume"],
      ["unchanged", "back already"],
      ["left", "left alone"],
    ]),
    unreadable: plan.unreadable,
    deployments,
    isSingle: options.refs.length === 1,
    isVerbose: options.verbose,
  });
}

/** Brings back, reads back, closes the incident if it is over, and says what came of it. */
export async function carryOutResume(
  context: Context,
  prepared: PreparedResume,
  open: OpenIncident,
): Promise<void> {
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
  const readBack = await readBackResume(context, prepared, { ...open, results });
  const rows = [
    ...(readBack?.rows ?? results.map((result) => resultRow(result, "resume"))),
    ...left,
    ...prepared.plan.unreadable.map(unreadableRow),
  ];
  await summariseResume(context, prepared, { ...open, results, rows, readBack });
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

interface Resumed extends OpenIncident {
  results: readonly ChangeResult<ResumeItem>[];
}

async function readBackResume(
  context: Context,
  { session, options, deployments, plan }: PreparedResume,
  { ledger, results }: Resumed,
): Promise<ResumeReadBack | undefined> {
  const { concurrency } = options;
  const readings = await readBackDeployments(context, session, { deployments, concurrency });
  const { state } = ledger;
  if (readings === undefined || state === undefined) return undefined;
  const at = context.now();
  const enabled = new Map(fleetItems(readings).map((item) => [itemKey(item), item.automation.enabled]));
  const confirmed = results.filter(
    ({ item, outcome }) => outcome.result === "unknown" && enabled.get(itemKey(item)) === true,
  );
  ledger.write(confirmed.map(({ item }) => confirmedLine("resume", item, { at })));
  const check = checkIncident(state, { readings, at });
  const isClosed = isOver(state, check);
  if (isClosed) ledger.write([{ type: "closed", at: at.toISOString(), why: "resumed" }]);
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
    isClosed,
  };
}

function leftOf({ left }: PreparedResume["plan"]): ResumeItem[] {
  return left.flatMap(({ item, verdict }) => (verdict === "left" ? [item] : []));
}

function wasLeft({ outcome }: ChangeResult<ResumeItem>): boolean {
  return "value" in outcome && outcome.value.result === "left";
}
