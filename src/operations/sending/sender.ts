import type { MessageAnswer, Thread } from "../../api/types.js";
import { messageOnce } from "../../changes/once.js";
import type { Sending } from "../../changes/sending.js";
import type { Context } from "../../context/context.js";
import type { SendTools } from "../operation.js";
import { type ChangeOptions, OpenChange } from "./change.js";

/** Sends one thing with its own entry in the history. */
export async function sendSingle<T>(
  context: Context,
  changeOptions: ChangeOptions | undefined,
  send: (tools: SendTools) => Promise<T>,
): Promise<T> {
  const change = new OpenChange(context, changeOptions);
  try {
    return await send({ change });
  } finally {
    await change.close();
  }
}

export interface MessageToSend {
  deployment_id: string;
  thread_id: string;
  run_id: string;
  content: string;
  /** Checks the thread right before the message goes out; throws to prevent it. */
  check?: ((thread: Thread) => void) | undefined;
}

/** Prepares a message to a run: its thread is read first, so that one of the same words isn't taken for it. */
export async function prepareMessage(
  context: Context,
  { deployment_id, thread_id, run_id, content, check }: MessageToSend,
): Promise<Sending<MessageAnswer>> {
  const { threads } = await context.client();
  const thread = await threads.get(deployment_id, thread_id, { signal: context.signal });
  check?.(thread);
  const isSame = ({ role, content: text }: { role?: unknown; content?: unknown }) =>
    role === "user" && text === content;
  const known = thread.messages.filter(isSame).length;
  return messageOnce(context, { deployment_id, run_id, fields: { content, thread_id }, known });
}
