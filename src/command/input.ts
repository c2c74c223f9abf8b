import { refuseTogether } from "../command-line/flag-values.js";
import type { TypedFlag } from "../command-line/global-flags.js";
import type { CommandCall } from "../context/call.js";
import { UsageError } from "../errors/errors.js";
import type { CommandDeclaration } from "./declaration.js";
import { longName } from "./flags.js";
import type { CommandNode } from "./tree.js";

/** A command line as far as it was read. */
export interface TypedLine {
  words: readonly string[];
  /** How many of them name the command. */
  names: number;
  /** The command or group, and the groups above it. */
  nodes: readonly CommandNode[];
  declaration?: CommandDeclaration | undefined;
  globals: readonly TypedFlag[];
  given: Pick<CommandCall, "arguments" | "flags">;
  /** The words whose help is asked for, in place of all else. */
  help?: { of: readonly string[]; isWhole: boolean };
  isVersion?: true;
  /** Too few arguments or too many, which keeps nobody from asking for help. */
  refusal?: RefusedLineError;
}

/** Words that don't fit the tree or the declaration; `help/refused-line.ts` says how in words for a person. */
export class RefusedLineError extends UsageError {
  constructor(
    readonly line: TypedLine,
    readonly problem: string,
    readonly what: string,
  ) {
    super(`${problem} ${what}`);
  }
}

/** Throws UsageError where a value doesn't fit. */
export function readInput(
  { effect, printsText, arguments: named = {}, flags = {} }: CommandDeclaration,
  { given, nodes }: Pick<TypedLine, "given" | "nodes">,
): { input: Record<string, unknown>; call: CommandCall } {
  for (const [key, { excludes = [] }] of Object.entries(flags)) {
    for (const other of excludes)
      refuseTogether({ [longName(key)]: given.flags[key], [longName(other)]: given.flags[other] });
  }
  const values = Object.entries(flags).map(([key, flag]) => [
    key,
    flag.read(given.flags[key], longName(key)),
  ]);
  const arguments_ = Object.keys(named).map((key, at) => [key, given.arguments[at]]);
  return {
    input: Object.fromEntries([...arguments_, ...values]),
    call: { effect, printsText, path: nodes.map(({ name }) => name), ...given },
  };
}
