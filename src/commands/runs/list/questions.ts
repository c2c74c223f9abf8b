import type { Context } from "../../../context.js";
import { questionIn } from "../../../run-view/thread-text.js";
import type { RunRow } from "../../../runs/run-row.js";
import { isWaitingRun } from "../answer/waiting-runs.js";
import { readMessagesOfMany } from "../shared/messages.js";

/** Questions of waiting runs; a run whose question can't be read has none. */
export type Questions = WeakMap<RunRow, string>;

/** Reads the threads of the rows that wait, one request each, into `questions`. */
export async function readQuestions(
  context: Context,
  rows: readonly RunRow[],
  questions: Questions,
): Promise<void> {
  const read = await readMessagesOfMany(context, rows.filter(isWaitingRun), (_row, messages = []) =>
    questionIn(messages),
  );
  for (const { row, value } of read) if (value !== undefined) questions.set(row, value);
}
