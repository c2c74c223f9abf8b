import type { AutomationDetail, AutomationFields } from "../../../api/types.js";
import { prepareUpdate } from "../../../changes/planned.js";
import type { Context } from "../../../context.js";
import { createPrinter } from "../../../output/printer.js";
import { schedulesEqual } from "../../../schedule/equal.js";
import { sendTouching } from "../../sending/touch.js";
import { printChanged } from "../shared/changed.js";
import { keepCopy } from "../shared/kept.js";
import { nextRunMismatch, type ScheduleToSend } from "../shared/schedule-flags.js";
import { undoUpdate } from "../shared/undo.js";
import { printFieldChanges } from "./field-changes.js";

/** What an automation is to become; what isn't named stays. */
export interface WantedUpdate {
  name?: string | undefined;
  schedule?: ScheduleToSend | undefined;
  instructions?: string | undefined;
  thread?: string | undefined;
}

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
  const plan = { deploymentId, automationId, planned: before, fields: changes };
  const { before: last, send } = await prepareUpdate(context, plan);
  const copy = await keepCopy(context, { deploymentId, automation: last, change: "update" });
  const undo = `undo: ${undoUpdate(context, { deploymentId, before: last, changes, copy })}`;
  const printer = await createPrinter(context);
  const touch = {
    deploymentId,
    automationId,
    change: "update",
    onUnknown: () => printer.note(undo),
  } as const;
  const after = await sendTouching(context, touch, send);
  await printFieldChanges(context, { before: last, changes });
  await printChanged(context, {
    automation: { ...last, ...changes, ...after },
    deploymentId,
    verb: "Updated",
  });
  for (const note of wanted.schedule?.notes ?? []) printer.note(note);
  const mismatch = wanted.schedule && (await nextRunMismatch(after, wanted.schedule));
  if (mismatch !== undefined) printer.warn(mismatch);
  printer.note(undo);
}

/** The wanted fields that aren't so already; two schedules that fire at the same times are equal. */
function differing(before: AutomationDetail, wanted: WantedUpdate): Partial<AutomationFields> {
  const { name, instructions, thread } = wanted;
  const schedule = wanted.schedule?.text;
  return {
    ...(name === undefined || name === before.name ? {} : { name }),
    ...(schedule === undefined || schedulesEqual(schedule, before.schedule ?? "") ? {} : { schedule }),
    ...(instructions === undefined || instructions === before.instructions ? {} : { instructions }),
    ...(thread === undefined || thread === before.thread_id ? {} : { thread_id: thread }),
  };
}
