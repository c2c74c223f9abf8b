import type { Context } from "../../context.js";
import { ConflictError } from "../../errors.js";
import type { RunState } from "../../run-view/reduce.js";
import type { RunView } from "../../run-view/view.js";
import { readAgain, sendAnswer } from "./send-answer.js";

export interface Asked {
  deploymentId: string;
  automation: { automation_id: string };
  state: RunState;
  /** Aborts when the run moves on by itself. */
  signal: AbortSignal;
  view: RunView;
}

/** Asks a person what the followed run wants to know, and sends the answer. A run that has moved on meanwhile gets none. */
export async function answerAsked(context: Context, asked: Asked): Promise<void> {
  const { deploymentId, automation, state, signal, view } = asked;
  await view.pause();
  let unsent: string | undefined;
  try {
    const text = await askAnswer(context, { question: state.question, signal });
    const place = { deploymentId, automationId: automation.automation_id, runId: state.runId };
    const found = await readAgain(context, { ...place, steer: false });
    await sendAnswer(context, { found, text });
  } catch (error) {
    if (signal.aborted && error === signal.reason) unsent = "the run has moved on: no answer is needed";
    else if (error instanceof ConflictError) unsent = error.message;
    else throw error;
  } finally {
    view.resume();
  }
  if (unsent !== undefined) await view.note(unsent);
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
    ...(signal === undefined ? {} : { signal }),
  });
}
