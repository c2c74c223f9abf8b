import { refuseTogether } from "../command-line/flag-values.js";
import type { CommandCall } from "./call.js";
import { longName } from "./flags.js";
import type { Given, TypedCommand } from "./parse.js";

/** Throws UsageError where the words don't fit. */
export async function readInput(
  typed: TypedCommand,
): Promise<{ input: Record<string, unknown>; call: CommandCall }> {
  const { arguments: named = {}, flags = {} } = typed.declaration;
  const given = givenByNothing(typed) ?? (await (await import("./parse.js")).parseWords(typed));
  for (const [key, { excludes = [] }] of Object.entries(flags)) {
    for (const other of excludes)
      refuseTogether({ [longName(key)]: given.flags[key], [longName(other)]: given.flags[other] });
  }
  const values = Object.entries(flags).map(([key, flag]) => [
    key,
    flag.read(given.flags[key], longName(key)),
  ]);
  const arguments_ = Object.keys(named).map((key, at) => [key, given.arguments[at]]);
  const { effect, printsText } = typed.declaration;
  return {
    input: Object.fromEntries([...arguments_, ...values]),
    call: { effect, printsText, path: typed.nodes.map(({ name }) => name), ...given },
  };
}

/** Skips the parser for a command called by its name alone: parsing is a tenth of its start. */
function givenByNothing({ declaration, nodes, words }: TypedCommand): Given | undefined {
  const named = Object.values(declaration.arguments ?? {});
  if (words.length > nodes.length || named.some(({ isRequired }) => isRequired)) return undefined;
  return { arguments: named.map(({ isVariadic }) => (isVariadic ? [] : undefined)), flags: {} };
}
