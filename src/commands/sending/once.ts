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
