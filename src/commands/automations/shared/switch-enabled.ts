import { patchAutomation } from "../../../changes/patch.js";
import { commandLine } from "../../../command-line/next-command.js";
import type { Context } from "../../../context.js";
import { createPrinter } from "../../../output/printer.js";
import { changeEach } from "../../fleet/change-each.js";
import { sendTouching } from "../../sending/touch.js";
import { idsOf, type ResolvedAutomation, resolveAutomations } from "../../targets/automations.js";
import { requireRefs } from "../../targets/pick.js";
import { printChanged } from "./changed.js";

interface SwitchOptions {
  refs: readonly string[];
  enabled: boolean;
  concurrency: number | undefined;
  verbose: boolean;
}

/** Pauses or resumes what the refs name: one PATCH each, none where nothing changes. Never asks. */
export async function switchEnabled(
  context: Context,
  { refs, enabled, concurrency, verbose }: SwitchOptions,
): Promise<void> {
  const verb = enabled ? "resume" : "pause";
  const wanted = await requireRefs(context, { refs, verb });
  const targets = await resolveAutomations(context, wanted);
  const [only] = targets;
  if (only !== undefined && targets.length === 1 && refs.length === 1) {
    return switchOne(context, only, enabled);
  }
  await changeEach(context, {
    targets: await Promise.all(targets.map((each) => withAutomation(context, each))),
    verb,
    concurrency,
    isVerbose: verbose,
    change: async (target) => {
      if (target.automation?.enabled === enabled) return false;
      await patch(context, target, enabled);
      return true;
    },
    undo: (changed) => undoText(context, changed, enabled),
  });
}

/** An id is looked at too before anything changes: one that isn't there stops the others. */
async function withAutomation(context: Context, target: ResolvedAutomation): Promise<ResolvedAutomation> {
  if (target.automation !== undefined) return target;
  const client = await context.client();
  const { deploymentId, automationId } = target;
  const automation = await client.automations.get(deploymentId, automationId, { signal: context.signal });
  return { ...target, automation };
}

async function switchOne(context: Context, target: ResolvedAutomation, enabled: boolean): Promise<void> {
  const client = await context.client();
  const { deploymentId, automationId } = target;
  const before = await client.automations.get(deploymentId, automationId, { signal: context.signal });
  if (before.enabled === enabled) {
    const verb = enabled ? "Already enabled:" : "Already paused:";
    return printChanged(context, { automation: before, deploymentId, verb });
  }
  const printer = await createPrinter(context);
  const sayUndo = () => printer.note(`undo: ${undoText(context, [target], enabled)}`);
  const after = await patch(context, { ...target, onUnknown: sayUndo }, enabled);
  const verb = enabled ? "Resumed" : "Paused";
  await printChanged(context, { automation: { ...before, ...after }, deploymentId, verb });
  sayUndo();
}

function undoText(context: Context, targets: readonly ResolvedAutomation[], enabled: boolean): string {
  return commandLine(context, ["automations", enabled ? "pause" : "resume", ...targets.map(idsOf)]);
}

async function patch(
  context: Context,
  target: ResolvedAutomation & { onUnknown?: () => void },
  enabled: boolean,
) {
  const { deploymentId, automationId, onUnknown } = target;
  const change = enabled ? "resume" : "pause";
  return sendTouching(context, { deploymentId, automationId, change, onUnknown }, () =>
    patchAutomation(context, { deploymentId, automationId, fields: { enabled } }),
  );
}
