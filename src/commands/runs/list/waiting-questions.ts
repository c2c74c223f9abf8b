import type { Context } from "../../../context/context.js";
import type { RunRow } from "../../../runs/run-row.js";
import { isWaitingRun } from "../answer/waiting-runs.js";
import { readQuestionsOf } from "../shared/messages.js";

/** Questions from waiting runs; any that can't be read are left out. */
export type Questions = WeakMap<RunRow, string>;

/** Reads the threads of waiting rows into `questions`, with one request for each. */
export async function readQuestions(
  context: Context,
  rows: readonly RunRow[],
  questions: Questions,
): Promise<void> {
  const read = await readQuestionsOf(context, rows.filter(isWaitingRun));
  for (const { row, question } of read) if (question !== undefined) questions.set(row, question);
}
