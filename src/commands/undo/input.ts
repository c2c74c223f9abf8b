import { optional } from "../../command/arguments.js";
import type { InputOf } from "../../command/declaration.js";
import { operationFlags } from "../operations/flags.js";
import { selectionFlags } from "../targets/selection.js";

export const undoInput = {
  arguments: { change: optional("change", "an id of herm history, or last", { completes: "changes" }) },
  flags: { ...selectionFlags, ...operationFlags },
};

export type UndoInput = InputOf<typeof undoInput>;
