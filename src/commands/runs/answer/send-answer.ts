import type { MessageAnswer, Run, Thread } from "../../../api/types.js";
import type { Context } from "../../../context/context.js";
import { type DeclinedError, NotPossibleError, OutcomeUnknownError } from "../../../errors/cli-errors.js";
import type { SendTools } from "../../../operations/operation.js";
import { prepareMessage, sendSingle } from "../../../operations/run-operation.js";
import { answerItem } from "../../../operations/sending/items.js";
import { createPrinter, type Printer } from "../../../output/printer.js";
import { safe } from "../../../output/safe.js";
import { textOrDash } from "../../../output/value-text.js";
import { cut } from "../../../output/width.js";
import { type FoundRun, readRunAt } from "../../../runs/find.js";
import type { RunView } from "../../../runs/live-view.js";
import type { RunState } from "../../../runs/reduce.js";
import { markedQuestion } from "../../../runs/render.js";

/** Throws NotPossibleError unless the run accepts an answer: a message to an idle thread would start a new run. */
export function checkWaits(run: Run, { steer }: { steer: boolean }): void {
  if (run.status === "waiting_on_human" || (steer && run.status === "running")) return;
  const isRunning = run.status === "running";
  throw new NotPossibleError(
    `${run.run_id} is not waiting for an answer: ${isRunning ? "it is running" : textOrDash(run.status)}`,
    {
      hint: isRunning ? "to send the text to a running run, add --steer" : "nothing was sent",
    },
  );
}

const shortAnswers = new Map([
  ["y", "yes"],
  ["n", "no"],
]);

/** Expands `y` and `n` to `yes` and `no`; any other text is sent verbatim. */
export function answerText(text: string): string {
  return shortAnswers.get(text) ?? text;
}

interface KnownRun {
  deployment_id: string;
  automation: { automation_id: string };
  run: { run_id: string };
}

/** Throws NotPossibleError if its automation's recent runs no longer include it, so that its state is unknown. */
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
  /** Called before the answer is sent; throws if it mustn't be. */
  check?(thread: Thread): void;
}

/** Sends one answer. Throws NotPossibleError if the run doesn't accept it, and otherwise what `sendAnswerBy` throws. */
export async function sendAnswer(
  context: Context,
  { run, text, steer = false }: { run: KnownRun; text: string; steer?: boolean },
): Promise<MessageAnswer> {
  const found = await readAgain(context, run);
  checkWaits(found.run, { steer });
  return sendSingle(context, undefined, (tools) => sendAnswerBy(context, tools, { found, text }));
}

/** Sends and records an answer at most once. Throws OutcomeUnknownError if it may be lost or reach another run. */
export async function sendAnswerBy(
  context: Context,
  { change, settleLater }: SendTools,
  { found, text, check }: AnswerToSend,
): Promise<MessageAnswer> {
  const { deployment_id, automation, run } = found;
  const thread_id = run.thread_id ?? automation.thread_id;
  if (!thread_id) {
    throw new NotPossibleError(`the thread of ${run.run_id} is unknown; nothing was sent`);
  }
  const content = answerText(text);
  const item = answerItem({ deployment_id, before: automation }, { run_id: run.run_id, message: content });
  const to = { deployment_id, thread_id, run_id: run.run_id };
  const answer = await change.send(
    item,
    await prepareMessage(context, { ...to, content, check }),
    settleLater,
  );
  if (answer.run_id === run.run_id) return answer;
  throw new OutcomeUnknownError(
    `the API answered for a different run, ${answer.run_id}, which the answer to ${run.run_id} may have started`,
    {
      hint: (herm) =>
        `to see what happened to it: ${[run, answer].map((each) => herm("runs", "show", `${deployment_id}/${each.run_id}`)).join(" and ")}`,
    },
  );
}

/** `: your text is saved in …` for a longer answer; otherwise empty. */
export function savedTextNote({ message }: DeclinedError): string {
  return /: your text .*$/s.exec(message)?.[0] ?? "";
}

/** Asks the user the question of the followed run, and sends the answer unless the run has continued. */
export async function answerAsked(
  context: Context,
  asked: {
    deployment_id: string;
    automation: { automation_id: string };
    state: RunState;
    signal: AbortSignal;
    view: RunView;
  },
): Promise<void> {
  const { deployment_id, automation, state, signal, view } = asked;
  await view.pause();
  const printer = await createPrinter(context);
  if (!printer.isForPerson) printQuestion(printer, state.question);
  let unsent: string | undefined;
  try {
    const text = await askAnswer(context, { question: state.question, signal });
    await sendAnswer(context, { run: { deployment_id, automation, run: { run_id: state.run_id } }, text });
  } catch (error) {
    if (signal.aborted && error === signal.reason) unsent = "the run continued: no answer is needed";
    else if (error instanceof NotPossibleError) unsent = error.message;
    else throw error;
  } finally {
    view.resume();
  }
  if (unsent !== undefined) await view.note(unsent);
}

export function printQuestion({ err, errStyle: style }: Printer, question = ""): void {
  err(`${markedQuestion(question, style).join("\n")}\n`);
}

/** Asks for an answer to a run that wasn't followed, and confirms it together with its receiver. Empty if skipped. */
export async function askAnswerTo(
  context: Context,
  to: string,
  asked: { question: string | undefined; isSkippable?: boolean },
): Promise<string> {
  let prefill = "";
  for (;;) {
    const text = await askAnswer(context, { ...asked, prefill });
    if (text.trim() === "") return text;
    const message = `Send "${safe(cut(answerText(text), 300), "cell")}" to ${safe(to, "cell")}?`;
    if (await context.prompts.confirm({ message })) return text;
    prefill = text;
  }
}

function askAnswer(
  context: Context,
  {
    question,
    signal,
    isSkippable = false,
    prefill = "",
  }: { question: string | undefined; signal?: AbortSignal; isSkippable?: boolean; prefill?: string },
): Promise<string> {
  const isReadable = question !== undefined && question.trim() !== "";
  const what = isSkippable ? "Your answer (y, n or text; empty skips it)" : "Your answer (y, n or text)";
  return context.prompts.input({
    message: isReadable ? what : `The question can't be read. ${what}`,
    validate: (text) => isSkippable || text.trim() !== "" || "an answer can't be empty",
    savesText: true,
    prefill,
    signal,
  });
}
