import type { Context } from "../context.js";
import { FrozenError } from "../errors.js";

/** Refuses what would start something while an organisation has set HERM_FREEZE (src/settings/README.md). */
export function refuseFrozen(context: Pick<Context, "settings">): void {
  const { freeze } = context.settings;
  if (freeze === undefined) return;
  throw new FrozenError(`frozen: ${freeze}`, {
    hint: "HERM_FREEZE is set: create, update, delete, copy, apply, resume, trigger, catch-up and undo are refused until it is unset; pause and runs answer still work",
  });
}
