import type { Context } from "../../../context.js";
import { type DeclinedError, NotPossibleError } from "../../../errors.js";
import { createPrinter, type Printer } from "../../../output/printer.js";
import { safe } from "../../../output/safe.js";
import { cut } from "../../../output/width.js";
import type { RunView } from "../../../run-view/live-view.js";
import type { RunState } from "../../../run-view/reduce.js";
import { markedQuestion } from "../../../run-view/render.js";
import { answerText, sendAnswer } from "./send-answer.js";

/** `: your text is saved in …`, where a longer answer was left; else nothing. */
export function savedTextNote({ message }: DeclinedError): string {
  return /: your text .*$/s.exec(message)?.[0] ?? "";
}

/** Asks a person what the followed run wants to know, and sends the answer; a run that has moved on gets none. */
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
    if (signal.aborted && error === signal.reason) unsent = "the run went on: no answer is needed";
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

/**
 * Asks for an answer to a run that wasn't followed, and confirms it with its receiver; empty where the run may be
 * skipped.
 */
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
