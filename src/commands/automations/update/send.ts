import type { AutomationDetail } from "../../../api/types.js";
import { prepareUpdate } from "../../../changes/planned.js";
import type { Context } from "../../../context.js";
import { createPrinter } from "../../../output/printer.js";
import { withChange } from "../../sending/change.js";
import { updateItem } from "../../sending/items.js";
import { printChanged } from "../shared/changed.js";
import { keepCopy } from "../shared/kept.js";
import { nextRunMismatch } from "../shared/schedule-flags.js";
import { undoUpdate } from "../shared/undo.js";
import { printFieldChanges } from "./field-changes.js";
import { checkReplaced, differing, type WantedUpdate } from "./wanted.js";

export interface UpdateWork {
  deploymentId: string;
  before: AutomationDetail;
  wanted: WantedUpdate;
}

/**
 * Sends the fields that differ, unless somebody changed them meanwhile, once the old automation is kept, and shows
 * before → after and how to take it back: that also where it isn't known whether the change took effect.
 */
export async function sendUpdate(
  context: Context,
  { deploymentId, before, wanted }: UpdateWork,
): Promise<void> {
  const changes = differing(before, wanted);
  if (Object.keys(changes).length === 0) {
    return printChanged(context, { automation: before, deploymentId, verb: "Unchanged:" });
  }
  const automationId = before.automation_id;
  if (wanted.replacement !== undefined) checkReplaced(context, changes, automationId);
  const plan = { deploymentId, automationId, planned: before, fields: changes };
  const ready = await prepareUpdate(context, plan);
  const copy = await keepCopy(context, { deploymentId, automation: before, change: "update" });
  const undo = `undo: ${undoUpdate(context, { deploymentId, before, changes, copy })}`;
  const printer = await createPrinter(context);
  const sent = await withChange(context, {}, (change) =>
    change.sendReady(updateItem({ deploymentId, before }, changes), ready, () => printer.note(undo)),
  );
  if (sent === undefined) {
    const automation = { ...before, ...changes };
    return printChanged(context, { automation, deploymentId, verb: "Unchanged:" });
  }
  const after = sent.answer;
  await printFieldChanges(context, { before, changes });
  await printChanged(context, {
    automation: { ...before, ...changes, ...after },
    deploymentId,
    verb: "Updated",
  });
  for (const note of wanted.schedule?.notes ?? []) printer.note(note);
  const mismatch = wanted.schedule && (await nextRunMismatch(after, wanted.schedule));
  if (mismatch !== undefined) printer.warn(mismatch);
  printer.note(undo);
}
