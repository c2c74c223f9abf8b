import type { NamedFlag } from "../command/flags.js";
import { findGlobalFlag, UnknownFlagError } from "../command-line/global-flags.js";
import { meantFlags } from "./meant-flags.js";
import { retyped, saysNo, typedValue } from "./retyped.js";

interface RefusedFlag {
  path: readonly string[];
  flags: readonly NamedFlag[];
  words: readonly string[];
}

/** The same error, with what people mean by the flag, where that is known: a command, or another flag of this one. */
export async function withMeantFlag(
  error: UnknownFlagError,
  { path, flags, words }: RefusedFlag,
): Promise<UnknownFlagError> {
  const command = path.join(" ");
  const { flag } = error;
  const value = /^--(status|state)$/.test(flag) ? typedValue(words, flag) : "";
  const named = /^\w/.test(value) ? `--${value}` : flag;
  const has = (name = "") => flags.some(({ long }) => long === name) || findGlobalFlag(name) !== undefined;
  if (named !== flag && has(named)) return new UnknownFlagError(flag, { hint: `did you mean ${named}?` });
  const known = meantFlags.find(
    ({ flags: each, command: place, meant }) =>
      each.includes(named) &&
      (place === undefined ? typeof meant === "string" && has(meant.split(" ")[0]) : place === command),
  );
  if (known === undefined) return error;
  const { meant, opposite } = known;
  if (typeof meant === "string") return new UnknownFlagError(flag, { hint: `did you mean ${meant}?` });
  if ("topic" in meant)
    return new UnknownFlagError(flag, { hint: `herm help ${meant.topic} shows ${meant.shows}` });
  const line = await retyped(opposite !== undefined && saysNo(words, flag) ? opposite : meant, {
    words,
    named: path.length,
    flags,
    refused: flag,
  });
  return new UnknownFlagError(flag, { hint: `use ${line}` });
}
