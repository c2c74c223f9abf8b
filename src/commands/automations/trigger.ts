import type { AutomationDetail } from "../../api/types.js";
import { optional } from "../../command/arguments.js";
import { declareCommand, type InputOf } from "../../command/declaration.js";
import { reasonFlag, seldom, yes } from "../../command/flags.js";
import { followCodes, requestCodes } from "../../command/help.js";
import { commandLine } from "../../command-line/next-command.js";
import type { Context } from "../../context.js";
import { DeclinedError, UsageError } from "../../errors.js";
import { printOne } from "../../output/one.js";
import { createPrinter } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import { told } from "../../output/value-text.js";
import { rememberRuns } from "../../runs/remembered.js";
import { followFlags, followTimeoutMs, isFollowed } from "../runs/follow/flags.js";
import { showFollowedRun } from "../runs/follow/follow.js";
import { sendRecorded } from "../sending/change.js";
import { triggerItem } from "../sending/items.js";
import { openSender } from "../sending/once.js";
import { resolveAutomation } from "../targets/automations.js";
import { requireRef } from "../targets/pick.js";
import { loadIncidentMarks } from "./shared/incident-marks.js";

export const command = declareCommand({
  effect: "changes",
  isFrozen: () => true,
  arguments: { ref: optional("ref", "an id, an exact name, or <deployment>/<name>", { completes: "refs" }) },
  flags: {
    ...followFlags,
    yes: yes("don't ask where an open incident holds it"),
    reason: seldom(reasonFlag),
  },
  help: {
    about: "Run an automation now, paused or not, and follow the run. Its schedule stays as it is.",
    use: "To try it out, or to make up for a missed run. Ctrl-C stops following; the run goes on. What an open incident known here holds is asked about first, and needs --yes off a terminal.",
    inPipe: "run, automation and deployment id; followed: the run as plain lines",
    exitCodes: requestCodes({
      1: "you answered no",
      6: "a name matches several, or a freeze",
      ...followCodes,
    }),
    examples: [
      'herm automations trigger "Weekly video variations"',
      "herm automations trigger auto_5cT2k9 --follow --output json",
      "herm automations trigger auto_5cT2k9 --no-follow --output name",
    ],
  },
  run: (context, input): Promise<void> => triggerAutomation(context, input),
});

/** Starts a run, and follows it or says its id. Throws as `showFollowedRun`. */
export async function triggerAutomation(
  context: Context,
  input: Omit<InputOf<typeof command>, "reason">,
): Promise<void> {
  const ref = await requireRef(context, { ref: input.ref, verb: "trigger" });
  const { deploymentId, automationId } = await resolveAutomation(context, ref);
  const client = await context.client();
  const automation = await client.automations.get(deploymentId, automationId, { signal: context.signal });
  if (!input.yes) await askAboutHolder(context, { deploymentId, automation });
  const { thread_id: threadId } = automation;
  const start = () => startRun(context, { deploymentId, automation });
  if (!isFollowed(await createPrinter(context), input))
    return printStarted(context, { deploymentId, automation, runId: await start() });
  await showFollowedRun(context, {
    deploymentId,
    automation,
    query: threadId ? { thread_id: threadId } : {},
    timeoutMs: followTimeoutMs(context, input),
    begin: async () => ({ runId: await start(), ...(threadId ? { threadId } : {}) }),
    onlyReads: false,
    isNew: true,
  });
}

interface Started {
  deploymentId: string;
  automation: AutomationDetail;
}

/** What somebody paused on purpose isn't started by mistake. Throws DeclinedError, UsageError where nobody can be asked. */
async function askAboutHolder(context: Context, { deploymentId, automation }: Started): Promise<void> {
  const [holder] = (await loadIncidentMarks(context, [deploymentId]))(deploymentId, automation);
  if (holder === undefined) return;
  const { text, reason } = holder;
  const name = JSON.stringify(automation.name ?? automation.automation_id);
  const what = `${name} is ${text}${reason === undefined ? "" : `: ${reason}`}`;
  if (!context.io.canPrompt) throw new UsageError(what, { hint: "--yes runs it all the same" });
  const message = `${safe(what, "cell")}. Run it all the same?`;
  if (!(await context.prompts.confirm({ message, default: false }))) throw new DeclinedError();
}

/** The new run's id. Not ended by Ctrl-C: a run that was started has to be named. */
async function startRun(context: Context, { deploymentId, automation }: Started): Promise<string> {
  const sender = openSender(context, await createPrinter(context));
  try {
    const known = new Set(automation.recent_runs.map((run) => run.run_id));
    const { automation_id: automationId } = automation;
    const send = async () => (await sender.trigger({ deploymentId, automationId, known })).value;
    const item = triggerItem({ deploymentId, before: automation });
    return (await sendRecorded(context, { item }, { send })).run_id;
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
  await printOne(printer, {
    json: ids,
    name: runId,
    table: async () => {
      await printer.line(printer.stdoutIsTty ? startedText() : startedRow());
      printer.hint(`${commandLine(context, ["runs", "watch", `${deploymentId}/${runId}`])} follows it`);
    },
  });

  function startedText(): string {
    const { style } = printer;
    return `${style.ok} Started ${style.bold(safe(told(automation.name), "cell"))}  ${style.dim(safe(runId, "cell"))}`;
  }

  function startedRow(): string {
    return [runId, automation.automation_id, deploymentId].map((id) => safe(id, "cell")).join("\t");
  }
}
