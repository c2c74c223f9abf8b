import type { Automation } from "../../../api/types.js";
import { patchAutomation } from "../../../changes/patch.js";
import { commandLine } from "../../../command-line/next-command.js";
import type { Context } from "../../../context.js";
import { readAllOrThrow } from "../../../fleet/read-ahead.js";
import { createPrinter } from "../../../output/printer.js";
import { changeEach } from "../../fleet/change-each.js";
import { openChange, sendRecorded } from "../../sending/change.js";
import { updateItem } from "../../sending/items.js";
import { idsOf, type ResolvedAutomation, resolveAutomations } from "../../targets/automations.js";
import { requireRefs } from "../../targets/pick.js";
import { printChanged } from "./changed.js";
import { undoChange } from "./undo.js";

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
  const full = await readAllOrThrow(targets, (each) => withAutomation(context, each));
  const change = await openChange(context, { isUrgent: !enabled });
  try {
    const differing = full.filter(({ automation }) => automation.enabled !== enabled);
    const items = await change.add(
      differing.map(({ deploymentId, automation }) =>
        updateItem({ deploymentId, before: automation }, { enabled }),
      ),
    );
    const recorded = new Map(differing.map((target, at) => [target, items[at]]));
    await changeEach(context, {
      targets: full,
      verb,
      concurrency,
      isVerbose: verbose,
      change: async (target) => {
        const item = recorded.get(target);
        if (item === undefined) return false;
        await change.send(item, { send: () => patch(context, target, enabled) });
        return true;
      },
      undo: (changed) =>
        changed.length > 1 ? undoChange(context, change.id) : undoText(context, changed, enabled),
    });
  } finally {
    await change.close();
  }
}

interface ReadTarget extends ResolvedAutomation {
  automation: Automation;
}

/** An id is looked at too before anything changes: one that isn't there stops the others. */
async function withAutomation(context: Context, target: ResolvedAutomation): Promise<ReadTarget> {
  const { deploymentId, automationId, automation: known } = target;
  if (known !== undefined) return { ...target, automation: known };
  const client = await context.client();
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
  const after = await sendRecorded(
    context,
    { item: updateItem({ deploymentId, before }, { enabled }), isUrgent: !enabled },
    { send: () => patch(context, target, enabled), onUnknown: sayUndo },
  );
  const verb = enabled ? "Resumed" : "Paused";
  await printChanged(context, { automation: { ...before, ...after }, deploymentId, verb });
  sayUndo();
}

function undoText(context: Context, targets: readonly ResolvedAutomation[], enabled: boolean): string {
  return commandLine(context, ["automations", enabled ? "pause" : "resume", ...targets.map(idsOf)]);
}

function patch(context: Context, { deploymentId, automationId }: ResolvedAutomation, enabled: boolean) {
  return patchAutomation(context, { deploymentId, automationId, fields: { enabled } });
}
