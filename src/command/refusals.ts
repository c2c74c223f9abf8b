/** Refuses to run a command because of HERM_FREEZE, or a key on the command line. */

import type { CommandCall, Context } from "../context/context.js";
import { FrozenError, refuseKey } from "../errors/cli-errors.js";
import { longName } from "./flags.js";

/** Refuses to start work if an organisation has set HERM_FREEZE (src/settings/README.md). */
export function refuseFrozen(context: Pick<Context, "settings">): void {
  const { freeze } = context.settings;
  if (freeze === undefined) return;
  throw new FrozenError(`frozen: ${freeze}`, {
    hint: "while HERM_FREEZE is set, herm refuses every change except pause and runs answer",
  });
}

/** Throws UsageError for a word that contains an API key, which would otherwise be sent or saved. */
export function refuseKeys(
  { arguments: given, flags }: Pick<CommandCall, "arguments" | "flags">,
  { findKey }: Context["settings"],
): void {
  const refuse = (what: string, value: CommandCall["flags"][string]) => {
    for (const text of [value].flat()) if (typeof text === "string") refuseKey(what, findKey(text));
  };
  for (const each of given) refuse("an argument", each);
  // Values for texts in a manifest are checked when used.
  for (const [key, value] of Object.entries(flags)) if (key !== "var") refuse(longName(key), value);
}
