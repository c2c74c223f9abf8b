import type { Context } from "../../../context.js";
import { errWidth } from "../../../output/sink.js";
import { countsOf } from "../../fleet/ending.js";
import { withNothingDone } from "../../fleet/outage.js";
import { persist } from "../../fleet/persist.js";
import { askForPlan, printPlanned, requireAsker } from "../../fleet/planned.js";
import { openFleetSession, targetLine } from "../../fleet/session.js";
import { carryOutUpdates } from "./outcome.js";
import { renderUpdatePlan } from "./plan-view.js";
import { type BulkUpdate, namesOf, type PreparedUpdates, prepareUpdates } from "./prepared.js";
import { leftRows, plannedRow } from "./rows.js";

/**
 * Updates several automations, those that refs name or a selection: a plan, for a selection a question, then each is read
 * again, sent, and told (src/commands/README.md, "Updates of many").
 */
export async function updateMany(context: Context, work: BulkUpdate): Promise<void> {
  try {
    await planAndUpdate(context, work);
  } catch (error) {
    throw withNothingDone(error, "updated");
  }
}

async function planAndUpdate(context: Context, work: BulkUpdate): Promise<void> {
  const { yes: isConfirmed, dryRun: isDryRun } = work.input;
  const isAsked = work.isSelection && !isConfirmed && !isDryRun;
  if (isAsked) requireAsker(context, "updating a selection");
  await persist(context, "updated");
  const session = await openFleetSession(context);
  const prepared = await prepareUpdates(context, session, work);
  await showPlan(context, prepared);
  if (isDryRun) return printPlannedUpdates(prepared);
  if (isAsked)
    await askForPlan(
      context,
      "Update",
      prepared.plan.toUpdate.map(({ item }) => item),
    );
  await carryOutUpdates(context, prepared);
}

async function showPlan(context: Context, prepared: PreparedUpdates): Promise<void> {
  const { session, work, deployments, plan } = prepared;
  const { yes: isConfirmed, dryRun: isDryRun, verbose: isVerbose } = work.input;
  if (context.settings.flags.quiet && (isConfirmed || isDryRun || !work.isSelection)) return;
  const target = targetLine(context, {
    chosen: deployments.length,
    total: session.everyone.length,
    api: session.api,
  });
  const { errStyle: style, err } = session.printer;
  err(
    await renderUpdatePlan(plan, {
      names: namesOf(prepared),
      target,
      replacement: work.wanted.replacement,
      style,
      width: errWidth(context),
      isVerbose,
    }),
  );
}

/** Shows what `--dry-run` found. */
async function printPlannedUpdates({ session, work, plan, deployments }: PreparedUpdates): Promise<void> {
  const rows = [...plan.toUpdate.map(plannedRow), ...leftRows(plan)];
  await printPlanned(session.printer, {
    rows,
    counts: countsOf(rows, [
      ["planned", "to update"],
      ["unchanged", "unchanged"],
      ["left", "left alone"],
      ["failed", "not read"],
    ]),
    unreadable: plan.unreadable,
    deployments,
    isSingle: work.isSingle,
    isVerbose: work.input.verbose,
  });
}
