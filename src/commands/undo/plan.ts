import type { DeploymentSummary } from "../../api/types.js";
import type { Context } from "../../context/context.js";
import { isOutcomeUnknown } from "../../errors/exit-code.js";
import type { Selection } from "../../fleet/selection.js";
import type { Change } from "../../history/change.js";
import { laterChanges } from "../../history/later-changes.js";
import { changesAfter, readChanges } from "../../history/read.js";
import { itemsToUndo, planUndo, type UndoStep } from "../../history/undo-plan.js";
import type { Candidate } from "../../incident/scope.js";
import { groupBy } from "../../manifest/group-by.js";
import type { OperationInput } from "../../operations/operation.js";
import { narrowChange } from "../../operations/rows/narrow.js";
import { ReadingProgress } from "../../operations/rows/progress.js";
import { type FleetRow, itemRow, unreadRow } from "../../operations/rows/rows.js";
import { deploymentsById, type FleetSession } from "../../operations/rows/session.js";
import { silenceHint } from "../../operations/selection/selection.js";
import { redactTexts } from "../../settings/redact.js";
import { loadIncidentBadges } from "../automations/shared/incident-badges.js";
import { PresentReader } from "./present.js";

export interface UndoRequest extends OperationInput {
  change: string | undefined;
  selection: Selection;
}

export type OpenStep = Extract<UndoStep, { action: "restore" | "recreate" | "delete" }> & {
  subject: Candidate;
  present: PresentReader;
};

export interface UndoPlan {
  change: Change;
  steps: OpenStep[];
  unsentRows: FleetRow[];
  /** Number of items that weren't selected. */
  unselected: number;
  deployments: DeploymentSummary[];
}

/** Reads the present state of all that a change did, and plans the undo. */
export async function planUndoOf(
  context: Context,
  { session, change, input }: { session: FleetSession; change: Change; input: UndoRequest },
): Promise<UndoPlan> {
  const items = itemsToUndo(change);
  const { selection } = input;
  const chosen = narrowChange(session.allDeployments, { items, selection, at: context.now() });
  const { settings } = context;
  const since = laterChanges(changesAfter(settings, change), () => readChanges(settings));
  const undone = { since, at: change.at };
  const progress = new ReadingProgress(context, session.printer);
  const badgesOf = await loadIncidentBadges(context);
  const { concurrency } = input;
  const present = new PresentReader(context, undone, { badgesOf, progress, concurrency });
  const { found, errors } = await present.readAll(chosen);
  if (errors[0] !== undefined && chosen.length === 1) throw errors[0].error;
  const steps: OpenStep[] = [];
  const unsentRows: FleetRow[] = [];
  // An automation that was created again makes up for one deleted item, not for several.
  const taken = new Set<string>();
  for (const { item: candidate, value } of found) {
    const others = value.others.filter(({ automation_id }) => !taken.has(automation_id));
    const step = planUndo(candidate.item, { ...undone, present: { ...value, others } });
    const { automation_id } = value.automation ?? candidate;
    const subject = redactedCandidate(context, { ...candidate, automation_id });
    if ("as" in step && step.as !== undefined) taken.add(step.as);
    if (step.action === "unchanged") unsentRows.push({ ...itemRow(subject), result: "unchanged" });
    else if (step.action === "skip")
      unsentRows.push({ ...itemRow(subject), result: "skipped", reason: step.why });
    else steps.push({ ...step, subject, present });
  }
  for (const { item, error } of errors) {
    const row = unreadRow(redactedCandidate(context, item), error);
    unsentRows.push(isOutcomeUnknown(error) ? { ...row, result: "unknown" } : row);
  }
  const unreadable = groupBy(errors, ({ item }) => item.deployment_name ?? item.deployment_id);
  const waitHint = silenceHint([...unreadable].map(([what, [first]]) => ({ what, error: first?.error })));
  if (waitHint !== undefined) session.printer.note(waitHint);
  const deployments = deploymentsById(
    chosen.map(({ deployment_id }) => deployment_id),
    session.allDeployments,
  );
  return { change, steps, unsentRows, unselected: items.length - chosen.length, deployments };
}

/** Redacts a key that an older file may have. */
function redactedCandidate({ settings }: Context, candidate: Candidate): Candidate {
  return { ...candidate, ...redactTexts({ name: candidate.name }, settings) };
}
