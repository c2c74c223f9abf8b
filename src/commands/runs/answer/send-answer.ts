import type { MessageAnswer, Run, Thread } from "../../../api/types.js";
import type { Context } from "../../../context.js";
import { NotPossibleError, OutcomeUnknownError } from "../../../errors.js";
import type { SendTools } from "../../../operations/operation.js";
import { answerItem } from "../../../operations/sending/items.js";
import { sendMessage, sendSingle } from "../../../operations/sending/sender.js";
import { createPrinter } from "../../../output/printer.js";
import { textOrDash } from "../../../output/value-text.js";
import { type FoundRun, readRunAt } from "../../../runs/find.js";

/** Throws NotPossibleError unless the run takes an answer: a message to an idle thread would start a new run. */
export function checkWaits(run: Run, { steer }: { steer: boolean }): void {
  if (run.status === "waiting_on_human" || (steer && run.status === "running")) return;
  const isRunning = run.status === "running";
  throw new NotPossibleError(
    `${run.run_id} is not waiting for an answer: ${isRunning ? "it is running" : textOrDash(run.status)}`,
    {
      hint: isRunning ? "--steer sends the text to a run that is running" : "nothing was sent",
    },
  );
}

const shortAnswers = new Map([
  ["y", "yes"],
  ["n", "no"],
]);

/** `y` and `n` are short for `yes` and `no`; other text goes verbatim. */
export function answerText(text: string): string {
  return shortAnswers.get(text) ?? text;
}

interface KnownRun {
  deployment_id: string;
  automation: { automation_id: string };
  run: { run_id: string };
}

/** Throws NotPossibleError where it isn't among its automation's recent runs any more: whether it waits isn't known. */
export async function readAgain(
  context: Context,
  { deployment_id, automation: { automation_id }, run: { run_id } }: KnownRun,
): Promise<FoundRun> {
  const options = { client: await context.client(), run_id, signal: context.signal };
  const found = await readRunAt(options, { deployment_id, automation_id });
  if (found === undefined) throw new NotPossibleError(`${run_id} can't be found any more; nothing was sent`);
  return found;
}

interface AnswerToSend {
  found: FoundRun;
  text: string;
  /** Throws to keep the answer from being sent. */
  check?(thread: Thread): void;
}

/** Sends one answer. Throws NotPossibleError unless the run takes it, and as `sendAnswerBy`. */
export async function sendAnswer(
  context: Context,
  { run, text, steer = false }: { run: KnownRun; text: string; steer?: boolean },
): Promise<MessageAnswer> {
  const found = await readAgain(context, run);
  checkWaits(found.run, { steer });
  const printer = await createPrinter(context);
  return sendSingle(context, { printer }, (tools) => sendAnswerBy(context, tools, { found, text }));
}

/**
 * Sends an answer at most once, recorded. Throws OutcomeUnknownError if it comes back with another run, or may not
 * have arrived.
 */
export async function sendAnswerBy(
  context: Context,
  { sender, change }: SendTools,
  { found, text, check }: AnswerToSend,
): Promise<MessageAnswer> {
  const { deployment_id, automation, run } = found;
  const thread_id = run.thread_id ?? automation.thread_id;
  if (!thread_id) {
    throw new NotPossibleError(`the thread of ${run.run_id} is unknown; nothing was sent`);
  }
  const content = answerText(text);
  const item = answerItem({ deployment_id, before: automation }, { run_id: run.run_id, message: content });
  const answer = await sendMessage(context, sender, {
    deployment_id,
    thread_id,
    run_id: run.run_id,
    content,
    check,
    record: (send) => change.send(item, { send }),
  });
  if (answer.run_id === run.run_id) return answer;
  throw new OutcomeUnknownError(
    `the answer to ${run.run_id} came back with another run, ${answer.run_id}, which it may have started`,
    {
      hint: (herm) =>
        `${[run, answer].map((each) => herm("runs", "show", `${deployment_id}/${each.run_id}`)).join(" and ")} show what became of it`,
    },
  );
}
