import { ApiError } from "../../../api/errors.js";
import type { Message } from "../../../api/types.js";
import type { Context } from "../../../context.js";
import { messagesOf } from "../../../run-view/thread-text.js";
import type { RunRow } from "../../../runs/run-row.js";

/** The run's messages in its thread, oldest first; undefined if it has no thread that is known or there any more. */
export async function readMessages(
  context: Context,
  { deploymentId, automation, run }: RunRow,
): Promise<Message[] | undefined> {
  const threadId = run.thread_id ?? automation.thread_id;
  if (!threadId) return undefined;
  const client = await context.client();
  try {
    return messagesOf(await client.threads.get(deploymentId, threadId, { signal: context.signal }), run);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}
