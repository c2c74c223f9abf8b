import type { Effect } from "../context/call.js";
import type { Context } from "../context/context.js";
import type { Argument, Arguments } from "./arguments.js";
import type { Flags, Values } from "./flags.js";
import type { CommandHelp } from "./help.js";

/** A command but for its place in the tree: help, completion and `herm commands` are read from it. */
export interface CommandDeclaration<
  OwnArguments extends Arguments = Arguments,
  OwnFlags extends Flags = Flags,
> {
  effect: Effect;
  /** Prints a text without `--output` in a pipe too: rows are for whoever names a format. */
  printsText?: true;
  /** True where HERM_FREEZE refuses it. */
  isFrozen?(input: Input<OwnArguments, OwnFlags>): boolean;
  /** Ends what HERM_FREEZE refuses, by `refuse`: with its reports. */
  whenFrozen?(
    context: Context,
    input: Input<OwnArguments, OwnFlags>,
    refuse: () => Promise<void>,
  ): Promise<void>;
  arguments?: OwnArguments;
  /** Flags in the order of help by their names in camel case: `dryRun` is `--dry-run`. */
  flags?: OwnFlags;
  help: CommandHelp;
  run(context: Context, input: Input<OwnArguments, OwnFlags>): Promise<void>;
}

type Input<OwnArguments, OwnFlags extends Flags> = {
  [Name in keyof OwnArguments]: OwnArguments[Name] extends Argument<infer Value> ? Value : never;
} & Values<OwnFlags>;

/** The input that the arguments and flags of a declaration give; declared apart, files of `run` can name it. */
export type InputOf<Declared> = Input<
  Declared extends { arguments?: infer Own extends Arguments } ? Own : Record<never, never>,
  Declared extends { flags?: infer Own extends Flags } ? Own : Record<never, never>
>;

export function declareCommand<
  OwnArguments extends Arguments = Record<never, never>,
  OwnFlags extends Flags = Record<never, never>,
>(declaration: CommandDeclaration<OwnArguments, OwnFlags>): CommandDeclaration<OwnArguments, OwnFlags> {
  return declaration;
}
