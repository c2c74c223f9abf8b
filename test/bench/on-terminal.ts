import pty, { type IPty } from "@lydell/node-pty";
import type { Program } from "./pairs.js";

/** Where a command on a terminal asks, and the home that it has. */
export interface Place {
  url: string;
  home: string;
}

/** What a bench of a command on terminals is given. */
export interface TerminalBench {
  herm: Program;
  home: string;
  /** How often all is done. */
  runs: number;
}

/** Starts a command on a terminal of its own, 80 × 24. */
export function startOnTerminal(herm: Program, words: readonly string[], { url, home }: Place): IPty {
  return pty.spawn(herm.file, [...herm.args, ...words], {
    cols: 80,
    rows: 24,
    name: "xterm-256color",
    env: { PATH: process.env.PATH ?? "", HOME: home, HERM_API_URL: url, HERM_API_KEY: "key_of_the_bench" },
  });
}
