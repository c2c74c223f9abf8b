import type { CommandCall } from "../context/call.js";
import type { Context } from "../context/context.js";
import { refuseKey } from "../errors/errors.js";
import { longName } from "./flags.js";

/** Throws UsageError for a word that holds an API key: it would be sent, or kept in the history. */
export function refuseKeys(
  { arguments: given, flags }: Pick<CommandCall, "arguments" | "flags">,
  { findKey }: Context["settings"],
): void {
  const refuse = (what: string, value: CommandCall["flags"][string]) => {
    for (const text of [value].flat()) if (typeof text === "string") refuseKey(what, findKey(text));
  };
  for (const each of given) refuse("an argument", each);
  // Values for a manifest's texts are checked where they stand.
  for (const [key, value] of Object.entries(flags)) if (key !== "var") refuse(longName(key), value);
}
