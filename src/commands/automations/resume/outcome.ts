import { NotFoundError } from "../../../api/errors.js";
import type { Context } from "../../../context.js";
import { PartialFailureError } from "../../../errors.js";
import { type ChangeAnswer, type ChangeResult, changeItems } from "../../../incident/change.js";
import { checkIncident, type ItemState, isOver } from "../../../incident/check.js";
import { isOwn, itemKey } from "../../../incident/ledger-state.js";
import { fleetItems } from "../../../incident/pause-plan.js";
import { judgeResume } from "../../../incident/resume-plan.js";
import { leftLines, type ResumeItem } from "../../../incident/resume-selection.js";
import { counted } from "../../../output/count.js";
import { openProgress } from "../../fleet/progress.js";
import {
  type FleetRow,
  itemRow,
  printRows,
  progressLine,
  resultRow,
  unreadableRow,
} from "../../fleet/rows.js";
import { deploymentNames, type FleetSession, readDeployments } from "../../fleet/session.js";
import type { OpenIncident } from "../../incidents/ledger-choice.js";
import { openTouchNotes } from "../../sending/touch.js";
import type { PreparedResume, ResumeIncidentOptions, ResumeReadBack } from "./prepared.js";
import { summariseResume, withoutNamed } from "./summary.js";

/** Shows what `--dry-run` found; nothing for an incident that is over. */
export async function printPlannedResume(
  context: Context,
  prepared: PreparedResume | undefined,
  { session, options }: { session: FleetSession; options: ResumeIncidentOptions },
): Promise<void> {
  const rows =
    prepared === undefined
      ? []
      : [
          ...prepared.plan.toResume.map((item): FleetRow => ({ ...itemRow(item), result: "planned" })),
          ...leftRows(prepared),
          ...prepared.plan.unreadable.map(unreadableRow),
        ];
  const deployments = prepared?.deployments ?? [];
  await printRows(session.printer, {
    rows: prepared === undefined ? rows : withoutNamed(context, rows, prepared),
    isFleet: deployments.length > 1,
    names: deploymentNames(deployments),
    isSingle: options.refs.length === 1,
  });
  const unread = prepared?.plan.unreadable.length ?? 0;
  if (unread > 0) throw new PartialFailureError(`${counted(unread, "deployment")} can't be read`);
}

/** Brings back, reads back, closes the incident if it is over, and says what came of it. */
export async function carryOutResume(
  context: Context,
  prepared: PreparedResume,
  open: OpenIncident,
): Promise<void> {
  open.ledger.write(leftLines(prepared.plan, context.now().toISOString()));
  const left = leftRows(prepared);
  const results = await resumeAll(context, prepared, open);
  const readBack = context.signal.aborted
    ? undefined
    : await readBackResume(context, prepared, { ...open, results });
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

async function resumeAll(
  context: Context,
  { session, options, plan }: PreparedResume,
  { choice, ledger }: OpenIncident,
): Promise<ChangeResult<ResumeItem>[]> {
  const { printer } = session;
  const progress = openProgress(context, printer, { verb: "Resuming", total: plan.toResume.length });
  const touches = await openTouchNotes(context);
  try {
    return await changeItems<ResumeItem>({
      context,
      ledger,
      touches,
      incident: choice.incident,
      change: "resume",
      items: plan.toResume,
      concurrency: options.concurrency,
      signal: context.signal,
      now: () => context.now(),
      check: (item) => checkAgain(context, session, { item, includesChanged: options.includesChanged }),
      onOutcome: (item, outcome) => {
        const isFailure = outcome.result === "failed" || outcome.result === "unknown";
        progress.item(() => progressLine(resultRow({ item, outcome }, "resume")), isFailure);
      },
    });
  } finally {
    progress.finish();
    await touches.close();
  }
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
  const readings = await readDeployments(context, session, { deployments, concurrency }).catch(
    (error: unknown) => {
      if (context.signal.aborted && error === context.signal.reason) return undefined;
      throw error;
    },
  );
  const { state } = ledger;
  if (readings === undefined || state === undefined) return undefined;
  const at = context.now();
  const enabled = new Map(fleetItems(readings).map((item) => [itemKey(item), item.automation.enabled]));
  const confirmed = results.filter(
    ({ item, outcome }) => outcome.result === "unknown" && enabled.get(itemKey(item)) === true,
  );
  ledger.write(
    confirmed.map(({ item: { deployment_id, automation_id } }) => ({
      type: "outcome",
      at: at.toISOString(),
      change: "resume",
      deployment_id,
      automation_id,
      result: "done",
      reason: "confirmed by reading back",
    })),
  );
  const check = checkIncident(state, { readings, at });
  const isClosed = isOver(state, check);
  if (isClosed) ledger.write([{ type: "closed", at: at.toISOString(), why: "resumed" }]);
  await ledger.settle();
  const own = check.items.filter((item) => item.was_enabled === true);
  const count = (...states: ItemState[]) => own.filter(({ state: each }) => states.includes(each)).length;
  return {
    at,
    rows: results.map((result) => judgedRow(result, enabled.get(itemKey(result.item)))),
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

function judgedRow(result: ChangeResult<ResumeItem>, isEnabled: boolean | null | undefined): FleetRow {
  const row = resultRow(result, "resume");
  if (isEnabled === undefined || isEnabled === null) return row;
  if (row.result === "unknown") {
    return isEnabled
      ? { ...itemRow(result.item), result: "resumed", reason: "confirmed by reading back" }
      : { ...row, result: "failed", error: `${row.error}; read back: still paused` };
  }
  if (row.result === "resumed" && !isEnabled) {
    return { ...itemRow(result.item), result: "failed", error: "paused again when it was read back" };
  }
  return row;
}
