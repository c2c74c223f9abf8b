import type { Context } from "../context/context.js";
import { FrozenError } from "../errors/errors.js";

/** Refuses what would start something while an organisation has set HERM_FREEZE (src/settings/README.md). */
export function refuseFrozen(context: Pick<Context, "settings">): void {
  const { freeze } = context.settings;
  if (freeze === undefined) return;
  throw new FrozenError(`frozen: ${freeze}`, {
    hint: "while HERM_FREEZE is set, every change but pause and runs answer is refused",
  });
}
