import type { AutomationDetail, MessageAnswer, Run } from "../../../api/types.js";
import { commandLine } from "../../../command-line/next-command.js";
import type { Context } from "../../../context/context.js";
import { hintTo, NotPossibleError } from "../../../errors/cli-errors.js";
import { nameInFleet } from "../../../operations/name-in-fleet.js";
import { createPrinter, type Printer, printOne } from "../../../output/printer.js";
import { safe } from "../../../output/safe.js";
import { textOrDash } from "../../../output/value-text.js";
import { type FoundRun, waitingRun } from "../../../runs/find.js";
import { runRef } from "../../../runs/run-row.js";
import { questionIn } from "../../../runs/thread-text.js";
import { showFollowedRun } from "../follow/follow-run.js";
import { readMessages } from "../shared/messages.js";
import { resolveRun } from "../shared/resolve-run.js";
import { askAnswerTo, checkWaits, printQuestion, sendAnswer } from "./send-answer.js";

/** Shows the question, sends the answer, then follows the run or confirms. Throws what `checkWaits` throws. */
export async function answerNamed(
  context: Context,
  ref: string,
  {
    text: given,
    steer = false,
    isFollowed = false,
    timeoutMs,
  }: { text?: string | undefined; steer?: boolean; isFollowed?: boolean; timeoutMs?: number | undefined },
): Promise<void> {
  const found = await resolveRun(context, ref, (automation) => runToAnswer(automation, steer));
  const { deployment_id, automation, run } = found;
  checkWaits(run, { steer });
  const printer = await createPrinter(context);
  // If the answer is on the command line, no prompt is needed.
  const isShown = given === undefined || !printer.isQuiet;
  const question = isShown ? await showQuestion(context, { found, printer }) : undefined;
  const to = () => nameInFleet(context, { deployment_id, name: automation.name });
  const text = given ?? (await askAnswerTo(context, await to(), { question }));
  const send = () => sendAnswer(context, { run: found, text, steer });
  if (!isFollowed) {
    const follows = commandLine(context, ["runs", "watch", runRef(found)]);
    const answer = await send();
    return printSent(context, printer, { answer, found, hint: `to follow it: ${follows}` });
  }
  await showFollowedRun(context, {
    deployment_id,
    automation,
    query: { run_id: run.run_id },
    timeoutMs,
    startRun: async () => {
      const { run_id, thread_id } = await send();
      return { run_id, thread_id: thread_id ?? run.thread_id ?? undefined };
    },
    onlyReads: false,
  });
}

export async function showQuestion(
  context: Context,
  { found, printer }: { found: FoundRun; printer: Printer },
): Promise<string | undefined> {
  if (found.run.status !== "waiting_on_human") return undefined;
  const question = questionIn((await readMessages(context, found)) ?? []);
  printQuestion(printer, question);
  return question;
}

export function answerJson(answer: MessageAnswer, deployment_id: string): Record<string, unknown> {
  return { deployment_id, ...answer };
}

export async function printSent(
  context: Context,
  printer: Printer,
  { answer, found, hint }: { answer: MessageAnswer; found: FoundRun; hint?: string },
): Promise<void> {
  const { style, stdoutIsTty } = printer;
  const { run_id, thread_id, status } = answer;
  const { deployment_id, automation, run } = found;
  const called = async () =>
    safe(await nameInFleet(context, { deployment_id, name: automation.name }), "cell");
  const row = [run_id, textOrDash(thread_id), textOrDash(status)]
    .map((cell) => safe(cell, "cell"))
    .join("\t");
  await printOne(printer, {
    json: answerJson(answer, deployment_id),
    name: run_id,
    table: async () => {
      await printer.line(
        stdoutIsTty ? `${style.ok} Answered ${style.bold(await called())}  ${safe(run.run_id, "cell")}` : row,
      );
      if (hint !== undefined) printer.hint(hint);
    },
  });
}

function runToAnswer(automation: AutomationDetail, steer: boolean): Run {
  const { name, recent_runs: runs } = automation;
  const run = waitingRun(automation) ?? runs.find(({ status }) => steer && status === "running");
  if (run !== undefined) return run;
  throw new NotPossibleError(`no run of "${textOrDash(name)}" is waiting for an answer`, {
    hint: hintTo("nothing was sent; to see the waiting runs", "runs", "list", "--waiting"),
  });
}
