import type { Context } from "../../context.js";
import { DeclinedError, NothingFoundError, UsageError } from "../../errors.js";
import type { Change } from "../../history/change.js";
import { counted } from "../../output/count.js";
import { errWidth } from "../../output/sink.js";
import { countsOf } from "../fleet/ending.js";
import { withNothingDone } from "../fleet/outage.js";
import { persist } from "../fleet/persist.js";
import { printPlanned, requireAsker } from "../fleet/planned.js";
import { type FleetSession, openFleetSession, targetLine } from "../fleet/session.js";
import { carryOutUndo } from "./carry-out.js";
import { lastChanges, namedChange } from "./choose-change.js";
import { renderUndoPlan } from "./plan-view.js";
import { type PreparedUndo, prepareUndo, type UndoInput } from "./prepared.js";
import { plannedRow, untouchedRows } from "./rows.js";
import { whenSent } from "./when-sent.js";

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
  const prepared = await prepareChosen(context, session, input);
  await showPlan(context, prepared);
  if (isDryRun) return printPlannedUndo(prepared);
  const { steps } = prepared.plan;
  if (steps.length > 0 && !isConfirmed && !(await context.prompts.confirm(questionOf(prepared))))
    throw new DeclinedError();
  await carryOutUndo(context, prepared);
}

/** Throws UsageError without an id where nobody can be asked, and NothingFoundError where there is no such change. */
async function prepareChosen(
  context: Context,
  session: FleetSession,
  input: UndoInput,
): Promise<PreparedUndo> {
  const { api, printer } = session;
  const { change: id } = input;
  if (id !== undefined && id !== "last") return prepare(namedChange(context, { id, api }));
  let prepared: PreparedUndo | undefined;
  for (const { change, unfinished } of lastChanges(context, api)) {
    if (id === undefined && !context.io.canPrompt) throw whichChange(change);
    prepared = await prepare(change);
    const { steps, unread } = prepared.plan;
    if (unfinished === undefined || steps.length + unread.length === 0) continue;
    printer.note(`${unfinished}, which undoes ${change.id}, didn't come to its end: this goes on with it`);
    break;
  }
  if (prepared !== undefined) return prepared;
  throw new NothingFoundError("nothing was changed at this API with this data folder", {
    hint: (herm) => `${herm("config", "list")} shows where that is`,
  });

  async function prepare(chosen: Change): Promise<PreparedUndo> {
    const change = await whenSent(context, chosen, printer);
    if (change.items.length > 1) await persist(context, "undone");
    return prepareUndo(context, { session, change, input });
  }
}

function whichChange({ id }: Change): UsageError {
  return new UsageError("which change? Without an id it shows the last one and asks", {
    hint: (herm) => `${herm("undo", id, "--yes")} undoes the last one, and so does "last" in its place`,
  });
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
