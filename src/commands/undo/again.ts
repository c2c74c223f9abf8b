import { commandLine } from "../../command-line/next-command.js";
import { type ReasonGiven, reasonWords } from "../sending/reason.js";
import type { PreparedUndo } from "./prepared.js";

/** The command that goes on with it. */
export function undoAgain(context: ReasonGiven, { change, input }: PreparedUndo): string {
  return commandLine(context, ["undo", change.id, ...(input.yes ? ["--yes"] : []), ...reasonWords(context)]);
}
