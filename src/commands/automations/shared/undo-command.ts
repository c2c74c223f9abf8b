import { commandLine } from "../../../command-line/next-command.js";
import type { Context } from "../../../context.js";

/** The command that takes back a change, as its `undo:` line has it. */
export function undoCommand(context: Pick<Context, "settings">, id: string): string {
  return commandLine(context, ["undo", id]);
}
