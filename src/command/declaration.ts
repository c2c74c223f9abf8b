/** A command's declaration, including its help. */

import type { Context, Effect } from "../context/context.js";
import type { Argument, Arguments, Flags, Values } from "./flags.js";

/** A command apart from its place in the tree, for help, completion and `herm commands`. */
export interface CommandDeclaration<
  OwnArguments extends Arguments = Arguments,
  OwnFlags extends Flags = Flags,
> {
  effect: Effect;
  /** Prints text in a pipe, even without `--output`; printing rows needs a named format. */
  printsText?: true;
  /** True if HERM_FREEZE refuses the call. */
  isFrozen?(input: Input<OwnArguments, OwnFlags>): boolean;
  /** Runs around a refusal by HERM_FREEZE, to write the command's reports. */
  whenFrozen?(
    context: Context,
    input: Input<OwnArguments, OwnFlags>,
    refuse: () => Promise<void>,
  ): Promise<void>;
  arguments?: OwnArguments;
  /** Flags by camel-case name (`dryRun` is `--dry-run`), in the order that help lists them. */
  flags?: OwnFlags;
  help: CommandHelp;
  run(context: Context, input: Input<OwnArguments, OwnFlags>): Promise<void>;
}

type Input<OwnArguments, OwnFlags extends Flags> = {
  [Name in keyof OwnArguments]: OwnArguments[Name] extends Argument<infer Value> ? Value : never;
} & Values<OwnFlags>;

/** The input type of a declaration's arguments and flags; separate, so that files of `run` can name it. */
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

export interface CommandHelp {
  about: string;
  use: string;
  notes?: string;
  inPipe?: string;
  /** Codes besides the 0, 1, 2 and 130 that every command has, or details about 0, 1 and 2. */
  exitCodes?: ExitCodeWords;
  examples: readonly string[];
}

type ExitCodeWords = Readonly<Record<number, string>>;

/** Codes of commands that send requests (src/commands/README.md, "Exit codes"). */
export function requestCodes(more: ExitCodeWords = {}): ExitCodeWords {
  return {
    3: "no key, or the API refused it",
    4: "no such deployment or automation",
    5: "the API rejected the request",
    6: "a name matches several",
    7: "the server could not be reached",
    ...more,
  };
}

export const followCodes: ExitCodeWords = {
  10: "the run failed",
  11: "the run is waiting for an answer; the hint shows how to give it",
  12: "how the run ended, or whether it started, is unknown",
};
