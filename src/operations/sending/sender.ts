import type { MessageAnswer, Thread } from "../../api/types.js";
import { OnceSender } from "../../changes/once-sender.js";
import type { SendHooks } from "../../changes/planned-change.js";
import { commandLine } from "../../command-line/next-command.js";
import type { Context } from "../../context.js";
import type { Printer } from "../../output/printer.js";
import type { SendTools } from "../operation.js";
import type { Progress } from "../rows/progress-bar.js";
import { type ChangeOptions, OpenChange } from "./change.js";
import { checkingText } from "./lost-changes.js";

/** Sends one thing with its own entry in the history. */
export async function sendSingle<T>(
  context: Context,
  { printer, changeOptions }: { printer: Pick<Printer, "note">; changeOptions?: ChangeOptions | undefined },
  send: (tools: SendTools) => Promise<T>,
): Promise<T> {
  const sender = new OnceSender(context, {
    onLost: (until) => printer.note(checkingText(until)),
    onFound: (text) => printer.note(text),
    commandLine: (words) => commandLine(context, words),
  });
  const change = new OpenChange(context, changeOptions);
  try {
    return await send({ sender, change });
  } finally {
    sender.close();
    await change.close();
  }
}

/** A sender for many that are printed as rows: lost answers are reported once, and counted when it is closed. `close` it when the command is done. */
export function openSenderOfMany(
  context: Context,
  { printer, progress = noProgress }: { printer: Pick<Printer, "note">; progress?: Pick<Progress, "beside"> },
): OnceSender {
  let lost = 0;
  let found = 0;
  return new OnceSender(context, {
    onLost: (until, label) => {
      lost += 1;
      if (lost === 1) progress.beside(() => printer.note(checkingText(until, { label })));
    },
    onFound: () => {
      found += 1;
    },
    onEnd: () => {
      if (lost > 0) printer.note(lostText({ lost, found }));
    },
    commandLine: (words) => commandLine(context, words),
  });
}

const noProgress: Pick<Progress, "beside"> = { beside: (print) => print() };

function lostText({ lost, found }: { lost: number; found: number }): string {
  const were = lost === 1 ? "1 got no answer" : `${lost} got no answer`;
  if (found === lost) return `${were}; a check shows ${lost === 1 ? "it" : "all"} took effect`;
  return `${were}; a check shows ${found} took effect, ${lost - found} unknown`;
}

export interface MessageToSend {
  deployment_id: string;
  thread_id: string;
  run_id: string;
  content: string;
  /** Checks the thread right before the message goes out; throws to prevent it. */
  check?(thread: Thread): void;
  /** Records the sending and its outcome; throws to prevent it. */
  record?(send: (hooks?: SendHooks) => Promise<MessageAnswer>): Promise<MessageAnswer>;
}

/** Sends a message to a run at most once: its thread is read first, so that one of the same words isn't taken for it. */
export async function sendMessage(
  context: Pick<Context, "client" | "signal">,
  sender: OnceSender,
  { content, check, record, ...location }: MessageToSend,
): Promise<MessageAnswer> {
  const { threads } = await context.client();
  const options = { signal: context.signal };
  const thread = await threads.get(location.deployment_id, location.thread_id, options);
  check?.(thread);
  const known = thread.messages.filter(
    (message) => message.role === "user" && message.content === content,
  ).length;
  const fields = { content, thread_id: location.thread_id };
  const send = (hooks?: SendHooks) => sender.message({ ...location, fields, known, ...hooks });
  return record === undefined ? send() : record(send);
}
