import type { Context } from "../context.js";
import type { Argument, Arguments } from "./arguments.js";
import type { Flags, Values } from "./flags.js";
import type { CommandHelp } from "./help.js";

/**
 * What a command does to the world: `destroys` what can't be brought back as it was, `local` changes things of this
 * machine alone.
 */
type Effect = "reads" | "changes" | "destroys" | "local";

/** All that is known of a command but its place in the tree. Help, completion and `herm commands` are read from it. */
export interface CommandDeclaration<
  OwnArguments extends Arguments = Arguments,
  OwnFlags extends Flags = Flags,
> {
  effect: Effect;
  /** Whether HERM_FREEZE refuses it, called so; absent: it never does. */
  isFrozen?(input: Input<OwnArguments, OwnFlags>): boolean;
  /** In the order in which they are given. */
  arguments?: OwnArguments;
  /** Its own flags in the order of help, by their names in camel case: `dryRun` is `--dry-run`. */
  flags?: OwnFlags;
  help: CommandHelp;
  run(context: Context, input: Input<OwnArguments, OwnFlags>): Promise<void>;
}

type Input<OwnArguments, OwnFlags extends Flags> = {
  [Name in keyof OwnArguments]: OwnArguments[Name] extends Argument<infer Value> ? Value : never;
} & Values<OwnFlags>;

/** What a command's `run` is given. */
export type InputOf<Declaration extends { run(context: Context, input: never): Promise<void> }> = Parameters<
  Declaration["run"]
>[1];

/** Declares a command; its input is typed by its arguments and flags. */
export function declareCommand<
  OwnArguments extends Arguments = Record<never, never>,
  OwnFlags extends Flags = Record<never, never>,
>(declaration: CommandDeclaration<OwnArguments, OwnFlags>): CommandDeclaration<OwnArguments, OwnFlags> {
  return declaration;
}
