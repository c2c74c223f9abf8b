import type { Context } from "../../context.js";
import { DeclinedError } from "../../errors.js";
import { counted } from "../../output/count.js";
import { errWidth } from "../../output/sink.js";
import { countsOf } from "../fleet/ending.js";
import { withNothingDone } from "../fleet/outage.js";
import { persist } from "../fleet/persist.js";
import { printPlanned, requireAsker } from "../fleet/planned.js";
import { openFleetSession, targetLine } from "../fleet/session.js";
import { carryOutUndo } from "./carry-out.js";
import { chooseChange } from "./choose-change.js";
import { renderUndoPlan } from "./plan-view.js";
import { type PreparedUndo, prepareUndo, type UndoInput } from "./prepared.js";
import { plannedRow, untouchedRows } from "./rows.js";

/** Takes back a change: a plan, a question, then each item is read again, sent, and told (src/history/README.md). */
export async function runUndo(context: Context, input: UndoInput): Promise<void> {
  try {
    await planAndUndo(context, input);
  } catch (error) {
    throw withNothingDone(error, "undone");
  }
}

async function planAndUndo(context: Context, input: UndoInput): Promise<void> {
  const { yes: isConfirmed, dryRun: isDryRun } = input;
  if (!isConfirmed && !isDryRun) requireAsker(context, "undo");
  const session = await openFleetSession(context);
  const change = await chooseChange(context, { id: input.change, api: session.api });
  if (change.items.length > 1) await persist(context, "undone");
  const prepared = await prepareUndo(context, { session, change, input });
  await showPlan(context, prepared);
  if (isDryRun) return printPlannedUndo(prepared);
  const { steps } = prepared.plan;
  if (steps.length > 0 && !isConfirmed && !(await context.prompts.confirm(questionOf(prepared))))
    throw new DeclinedError();
  await carryOutUndo(context, prepared);
}

function questionOf({ plan: { steps }, change }: PreparedUndo): { message: string; default: boolean } {
  return { message: `Undo ${change.id} for ${counted(steps.length, "automation")}?`, default: false };
}

async function showPlan(context: Context, prepared: PreparedUndo): Promise<void> {
  const { session, input, deployments } = prepared;
  if (context.settings.flags.quiet && (input.yes || input.dryRun)) return;
  const target = targetLine(context, {
    chosen: deployments.length,
    total: session.everyone.length,
    api: session.api,
  });
  const { errStyle: style, err } = session.printer;
  const { redact } = context.settings;
  const paper = { style, width: errWidth(context), now: context.now(), redact };
  const view = { target, ...paper, isVerbose: input.verbose };
  err(await renderUndoPlan(prepared, view));
}

/** Shows what `--dry-run` found. */
async function printPlannedUndo({ session, plan, deployments, input }: PreparedUndo): Promise<void> {
  const rows = [...plan.steps.map(plannedRow), ...untouchedRows(plan)];
  await printPlanned(session.printer, {
    rows,
    counts: countsOf(rows, [
      ["planned", "to undo"],
      ["unchanged", "as before already"],
      ["left", "left alone"],
      ["failed", "not read"],
    ]),
    unreadable: [],
    deployments,
    isSingle: false,
    isVerbose: input.verbose,
  });
}
