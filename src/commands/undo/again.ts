import { commandLine } from "../../command-line/next-command.js";
import type { Context } from "../../context.js";
import type { PreparedUndo } from "./prepared.js";

/** The command that goes on with it. */
export function undoAgain(context: Pick<Context, "settings">, { change, input }: PreparedUndo): string {
  return commandLine(context, ["undo", change.id, ...(input.yes ? ["--yes"] : [])]);
}
