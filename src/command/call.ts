/** A flag as the command line has it: undefined where it isn't there. */
export type GivenValue = string | readonly string[] | boolean | undefined;

/** What a command was called with, as its words had it: its path, arguments and own flags. */
export interface CommandCall {
  path: readonly string[];
  /** In the order of the declaration. */
  arguments: readonly (string | readonly string[] | undefined)[];
  /** By the names that the declaration's flags have, in the order in which they were typed. */
  flags: Readonly<Record<string, GivenValue>>;
}
