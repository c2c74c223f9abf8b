/** What a command's help says beside its flags; those stand with the command itself. */
export interface CommandHelp {
  /** What it does: one or two sentences. */
  about: string;
  /** When it is the right command. */
  use: string;
  /** What else has to be known to use it. */
  notes?: string;
  /** The columns of its rows in a pipe, in order. */
  inPipe?: string;
  /** What it can end with beside the codes that every command has (0, 1, 2, 130), and 0, 1 and 2 where they say more. */
  exitCodes?: ExitCodeWords;
  /** Whole command lines, with long flags. */
  examples: readonly string[];
}

export type ExitCodeWords = Readonly<Record<number, string>>;

/** What a request can end with (src/commands/README.md, "Exit codes"). */
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

/** What following a run adds. */
export const followCodes: ExitCodeWords = {
  10: "the run ended in error",
  11: "the run waits for an answer; the hint shows how",
  12: "how the run ended, or whether it started, is unknown",
};
