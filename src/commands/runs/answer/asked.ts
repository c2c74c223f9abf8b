import type { Context } from "../../../context.js";
import { NotPossibleError } from "../../../errors.js";
import { createPrinter, type Printer } from "../../../output/printer.js";
import { markedQuestion } from "../../../run-view/plain.js";
import type { RunState } from "../../../run-view/reduce.js";
import type { RunView } from "../../../run-view/view.js";
import { sendAnswer } from "./send.js";

export interface AskedRun {
  deploymentId: string;
  automation: { automation_id: string };
  state: RunState;
  /** Aborts when the run moves on by itself. */
  signal: AbortSignal;
  view: RunView;
}

/** Asks a person what the followed run wants to know, and sends the answer. A run that has moved on meanwhile gets none. */
export async function answerAsked(context: Context, asked: AskedRun): Promise<void> {
  const { deploymentId, automation, state, signal, view } = asked;
  await view.pause();
  const printer = await createPrinter(context);
  if (!printer.isForPerson) printQuestion(printer, state.question);
  let unsent: string | undefined;
  try {
    const text = await askAnswer(context, { question: state.question, signal });
    await sendAnswer(context, { run: { deploymentId, automation, run: { run_id: state.runId } }, text });
  } catch (error) {
    if (signal.aborted && error === signal.reason) unsent = "the run has moved on: no answer is needed";
    else if (error instanceof NotPossibleError) unsent = error.message;
    else throw error;
  } finally {
    view.resume();
  }
  if (unsent !== undefined) await view.note(unsent);
}

/** What a run asks, to stderr: for where the run's own output is elsewhere. */
export function printQuestion({ err, errStyle: style }: Printer, question = ""): void {
  err(`${markedQuestion(question, { style }).join("\n")}\n`);
}

/** The question itself stands above the prompt already, if it could be read. */
export function askAnswer(
  context: Context,
  { question, signal }: { question: string | undefined; signal?: AbortSignal },
): Promise<string> {
  const isReadable = question !== undefined && question.trim() !== "";
  return context.prompts.input({
    message: isReadable
      ? "Your answer (y, n or text)"
      : "The agent asks, and its question can't be read. Your answer",
    validate: (text) => text.trim() !== "" || "an answer can't be empty",
    keeps: true,
    signal,
  });
}
