import type { Context } from "../../context.js";
import { createPrinter } from "../../output/printer.js";
import { type ResolvedAutomation, resolveAutomations } from "../targets.js";
import { printChanged } from "./automation-view.js";
import { requireRefs } from "./pick.js";
import { changeEach } from "./ref-results.js";

export interface SwitchOptions {
  refs: readonly string[];
  enabled: boolean;
}

/** Pauses or resumes what the refs name: one PATCH each, none where nothing changes. Never asks. */
export async function switchEnabled(context: Context, { refs, enabled }: SwitchOptions): Promise<void> {
  const wanted = await requireRefs(context, { refs, verb: enabled ? "resume" : "pause" });
  const targets = await resolveAutomations(context, wanted);
  const [only] = targets;
  if (only !== undefined && refs.length === 1) return switchOne(context, only, enabled);
  await changeEach(context, {
    targets,
    done: enabled ? "resumed" : "paused",
    change: async (target) => {
      if (target.automation?.enabled === enabled) return false;
      await patch(context, target, enabled);
      return true;
    },
  });
}

async function switchOne(context: Context, target: ResolvedAutomation, enabled: boolean): Promise<void> {
  const client = await context.client();
  const { deploymentId, automationId } = target;
  const before = await client.automations.get(deploymentId, automationId, { signal: context.signal });
  const isChange = before.enabled !== enabled;
  const after = isChange ? await patch(context, target, enabled) : before;
  const verb = isChange ? (enabled ? "Resumed" : "Paused") : enabled ? "Already enabled:" : "Already paused:";
  await printChanged(context, {
    automation: isChange ? { ...before, ...after } : before,
    deploymentId,
    verb,
  });
  if (!isChange) return;
  const printer = await createPrinter(context);
  printer.note(`undo: herm automations ${enabled ? "pause" : "resume"} ${deploymentId}/${automationId}`);
}

async function patch(context: Context, { deploymentId, automationId }: ResolvedAutomation, enabled: boolean) {
  const client = await context.client();
  return client.automations.update(deploymentId, automationId, { enabled }, { signal: context.signal });
}
