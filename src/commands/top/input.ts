import type { InputOf } from "../../command/declaration.js";
import { advanced, reasonFlag } from "../../command/flags.js";
import { selectionFlags } from "../targets/selection.js";

export const topInput = {
  flags: { ...selectionFlags, reason: advanced(reasonFlag) },
};

export type TopInput = InputOf<typeof topInput>;
