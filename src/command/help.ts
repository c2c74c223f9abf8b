export interface CommandHelp {
  about: string;
  use: string;
  notes?: string;
  inPipe?: string;
  /** Codes beside those that every command has (0, 1, 2, 130), and 0, 1 and 2 where they say more. */
  exitCodes?: ExitCodeWords;
  examples: readonly string[];
}

export type ExitCodeWords = Readonly<Record<number, string>>;

/** Codes of a request (src/commands/README.md, "Exit codes"). */
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
  11: "the run waits for an answer; the hint shows how",
  12: "how the run ended, or whether it started, is unknown",
};
