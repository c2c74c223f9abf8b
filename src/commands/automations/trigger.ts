import type { Command } from "commander";
import type { AutomationDetail } from "../../api/types.js";
import { refuseFrozen } from "../../command/freeze.js";
import { commandLine } from "../../command-line/next-command.js";
import type { Context } from "../../context.js";
import { printOne } from "../../output/one.js";
import { createPrinter } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import { told } from "../../output/value-text.js";
import { rememberRuns } from "../../runs/remembered.js";
import { addFollowFlags, type FollowFlags, followTimeoutMs, isFollowed } from "../runs/follow/flags.js";
import { followRun } from "../runs/follow/follow.js";
import { openSender } from "../sending/once.js";
import { requireRef } from "../targets/pick.js";
import { resolveAutomation } from "../targets.js";

export interface TriggerOptions {
  ref: string | undefined;
  isFollowed: boolean;
  timeoutMs: number | undefined;
}

export function addTriggerCommand(parent: Command, context: Context): void {
  const command = parent.command("trigger").argument("[ref]", "an id or an exact name");
  addFollowFlags(command).action((ref: string | undefined, flags: FollowFlags) =>
    triggerAutomation(context, {
      ref,
      isFollowed: isFollowed(context, flags),
      timeoutMs: followTimeoutMs(context, flags),
    }),
  );
}

/** Starts a run, and follows it or says its id. Throws ConflictError while HERM_FREEZE is set. */
export async function triggerAutomation(context: Context, options: TriggerOptions): Promise<void> {
  refuseFrozen(context);
  const ref = await requireRef(context, { ref: options.ref, verb: "trigger" });
  const { deploymentId, automationId } = await resolveAutomation(context, ref);
  const client = await context.client();
  const automation = await client.automations.get(deploymentId, automationId, { signal: context.signal });
  const { thread_id: threadId } = automation;
  const start = () => startRun(context, { deploymentId, automation });
  if (!options.isFollowed) return printStarted(context, { deploymentId, automation, runId: await start() });
  await followRun(context, {
    deploymentId,
    automation,
    query: threadId ? { thread_id: threadId } : {},
    timeoutMs: options.timeoutMs,
    begin: async () => ({ runId: await start(), ...(threadId ? { threadId } : {}) }),
    onlyReads: false,
  });
}

interface Started {
  deploymentId: string;
  automation: AutomationDetail;
}

/** The new run's id. Not ended by Ctrl-C: a run that was started has to be named. */
async function startRun(context: Context, { deploymentId, automation }: Started): Promise<string> {
  const sender = openSender(context, await createPrinter(context));
  try {
    const known = new Set(automation.recent_runs.map((run) => run.run_id));
    const { value } = await sender.trigger({ deploymentId, automationId: automation.automation_id, known });
    return value.run_id;
  } finally {
    await sender.close();
  }
}

async function printStarted(
  context: Context,
  { deploymentId, automation, runId }: Started & { runId: string },
): Promise<void> {
  const ids = { automation_id: automation.automation_id, deployment_id: deploymentId, run_id: runId };
  await rememberRuns(context.settings, [ids]);
  const printer = await createPrinter(context);
  await printOne(printer, context.settings.output, {
    json: ids,
    name: runId,
    table: async () => {
      await printer.line(printer.stdoutIsTty ? startedText() : startedRow());
      printer.hint(`${commandLine(context, ["runs", "watch", `${deploymentId}/${runId}`])} follows it`);
    },
  });

  function startedText(): string {
    const { style } = printer;
    return `${style.green("✓")} Started ${style.bold(safe(told(automation.name), "cell"))}  ${style.dim(safe(runId, "cell"))}`;
  }

  function startedRow(): string {
    return [runId, automation.automation_id, deploymentId].map((id) => safe(id, "cell")).join("\t");
  }
}
