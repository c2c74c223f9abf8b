import { commandLine } from "../../../command-line/next-command.js";
import type { Context } from "../../../context.js";

export function undoCommand(context: Pick<Context, "settings">, id: string): string {
  return commandLine(context, ["undo", id]);
}
