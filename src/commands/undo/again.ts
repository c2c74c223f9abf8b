import { commandLine } from "../../command-line/next-command.js";
import { mannerWords } from "../sending/again.js";
import type { ReasonGiven } from "../sending/reason.js";
import { selectionWords } from "../targets/selection.js";
import type { PreparedUndo } from "./prepared.js";

/** The command that goes on with it. */
export function undoAgain(context: ReasonGiven, { change, input }: PreparedUndo): string {
  const { selection } = input;
  const selected = selectionWords({ ...selection, except: selection.except.values });
  return commandLine(context, ["undo", change.id, ...selected, ...mannerWords(context, input)]);
}
