import type { MessageAnswer, Thread } from "../../api/types.js";
import { OnceSender } from "../../changes/once.js";
import { commandLine } from "../../command-line/next-command.js";
import type { Context } from "../../context.js";
import type { Printer } from "../../output/printer.js";

/** The sender of what must not be sent twice, speaking on stderr. `close` it when the command is done. */
export function openSender(context: Context, printer: Pick<Printer, "note">): OnceSender {
  return new OnceSender(context, {
    tell: (text) => printer.note(text),
    commandLine: (words) => commandLine(context, words),
  });
}

export interface MessageToSend {
  deploymentId: string;
  threadId: string;
  runId: string;
  content: string;
  /** Looks at the thread right before the message goes out; throwing keeps it from being sent. */
  check?(thread: Thread): void;
  /** Records that it is sent, and what came of it; throwing keeps it from being sent. */
  record?(send: () => Promise<MessageAnswer>): Promise<MessageAnswer>;
}

/** Sends a message to a run at most once: its thread is read first, so that one of the same words isn't taken for it. */
export async function sendMessage(
  context: Pick<Context, "client" | "signal">,
  sender: OnceSender,
  { content, check, record, ...place }: MessageToSend,
): Promise<MessageAnswer> {
  const { threads } = await context.client();
  const options = { signal: context.signal };
  const thread = await threads.get(place.deploymentId, place.threadId, options);
  check?.(thread);
  const known = thread.messages.filter(
    (message) => message.role === "user" && message.content === content,
  ).length;
  const fields = { content, thread_id: place.threadId };
  const send = async () => (await sender.message({ ...place, fields, known })).value;
  return record === undefined ? send() : record(send);
}
