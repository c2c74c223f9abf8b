import { refuseTogether } from "../command-line/flag-values.js";
import { longName } from "./flags.js";
import type { Given, TypedCommand } from "./parse.js";

/** A command's input as its words give it. Throws UsageError where they don't fit it. */
export async function readInput(typed: TypedCommand): Promise<Record<string, unknown>> {
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
  return Object.fromEntries([...Object.keys(named).map((key, at) => [key, given.arguments[at]]), ...values]);
}

/** A command called by its name alone, which most are, has nothing to parse: what parses is a tenth of its start. */
function givenByNothing({ declaration, nodes, words }: TypedCommand): Given | undefined {
  const named = Object.values(declaration.arguments ?? {});
  if (words.length > nodes.length || named.some(({ isRequired }) => isRequired)) return undefined;
  return { arguments: named.map(({ isSeveral }) => (isSeveral ? [] : undefined)), flags: {} };
}
