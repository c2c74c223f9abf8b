import { AmbiguousError } from "../../api/errors.js";
import type { MessageAnswer, Run } from "../../api/types.js";
import type { Context } from "../../context.js";
import { ConflictError, OutcomeUnknownError } from "../../errors.js";
import { type FoundRun, readRunAt } from "../../runs/find.js";
import { commandLine } from "../command-line.js";

/**
 * Throws ConflictError unless the run takes an answer: a message to an idle thread would start a new run. `steer`: also
 * a run that is running.
 */
export function checkWaits(run: Run, { steer }: { steer: boolean }): void {
  if (run.status === "waiting_on_human" || (steer && run.status === "running")) return;
  const isRunning = run.status === "running";
  throw new ConflictError(
    `${run.run_id} doesn't wait for an answer: ${isRunning ? "it is running" : run.status}`,
    {
      hint: isRunning ? "--steer sends the text to a run that is running" : "nothing was sent",
    },
  );
}

/** `y` and `n` are short for `yes` and `no`; other text goes verbatim. */
export function answerText(text: string): string {
  return { y: "yes", n: "no" }[text] ?? text;
}

export interface Asking {
  deploymentId: string;
  automationId: string;
  runId: string;
  steer: boolean;
}

/** The run as it is now, before an answer goes out; ConflictError if it doesn't wait any more. */
export async function readAgain(context: Context, { steer, runId, ...place }: Asking): Promise<FoundRun> {
  const found = await readRunAt({ client: await context.client(), runId, signal: context.signal }, place);
  if (found === undefined) throw new ConflictError(`${runId} isn't there any more: nothing was sent`);
  checkWaits(found.run, { steer });
  return found;
}

/**
 * Sends a person's answer to a run that was just seen to wait. Throws OutcomeUnknownError if the answer comes back
 * with another run, or if it isn't known whether it arrived.
 */
export async function sendAnswer(
  context: Context,
  { found, text }: { found: FoundRun; text: string },
): Promise<MessageAnswer> {
  const { deploymentId, automation, run } = found;
  const threadId = run.thread_id ?? automation.thread_id;
  if (!threadId) {
    throw new ConflictError(`the thread of ${run.run_id} isn't known: nothing was sent`);
  }
  const client = await context.client();
  const hint = commandLine(context, ["runs", "show", `${deploymentId}/${run.run_id}`]);
  const answer = await client.deployments.messages
    .send(deploymentId, { content: answerText(text), thread_id: threadId })
    .catch((error: unknown) => {
      if (!(error instanceof AmbiguousError)) throw error;
      throw new OutcomeUnknownError(error.message, {
        hint: `${hint} shows whether it arrived`,
        cause: error,
      });
    });
  if (answer.run_id === run.run_id) return answer;
  throw new OutcomeUnknownError(
    `the answer to ${run.run_id} came back with another run, ${answer.run_id}: it may have started that one`,
    { hint: `${hint} and herm runs show ${deploymentId}/${answer.run_id} show what became of it` },
  );
}
