import type { Automation, AutomationFields } from "../../api/types.js";
import { settleIntents } from "../../changes/journal.js";
import { originOf } from "../../changes/once.js";
import type { Context } from "../../context.js";
import type { Printer } from "../../output/printer.js";
import { openSender } from "../once-sender.js";
import { listAutomations } from "../targets.js";

export interface CreateWork {
  deploymentId: string;
  fields: AutomationFields;
  present: readonly Automation[];
  printer: Printer;
}

/** Creates at most once; what is there already was listed before, so that an older one isn't taken for ours. */
export async function createOnce(
  context: Context,
  { deploymentId, fields, present, printer }: CreateWork,
): Promise<Automation> {
  const sender = openSender(context, printer);
  try {
    const known = new Set(present.map((automation) => automation.automation_id));
    return (await sender.create({ deploymentId, fields, known })).value;
  } finally {
    await sender.close();
  }
}

/** What is there, once every create that another process has under way has shown itself. */
export async function listSettled(context: Context, deploymentId: string): Promise<Automation[]> {
  await settleIntents(context, { origin: originOf(context), deploymentId });
  return listAutomations(context, deploymentId);
}
