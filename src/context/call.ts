/** `destroys`: can't be restored as it was. `local`: changes this machine alone. */
export type Effect = "reads" | "changes" | "destroys" | "local";

/** A flag as the command line has it: undefined where it isn't there. */
export type GivenValue = string | readonly string[] | boolean | undefined;

export interface CommandCall {
  effect: Effect;
  printsText?: true | undefined;
  path: readonly string[];
  arguments: readonly (string | readonly string[] | undefined)[];
  /** Flags by their names in the declaration, in the order in which they were typed. */
  flags: Readonly<Record<string, GivenValue>>;
}
