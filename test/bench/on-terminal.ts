import pty, { type IPty } from "@lydell/node-pty";
import type { Program } from "./pairs.js";

/** The API and the home of a command on a terminal. */
export interface Place {
  url: string;
  home: string;
}

/** The options for a bench of commands on terminals. */
export interface TerminalBench {
  herm: Program;
  home: string;
  /** The number of repetitions. */
  runs: number;
}

/** Starts a command on a terminal of its own, 80 × 24. */
export function startOnTerminal(herm: Program, words: readonly string[], { url, home }: Place): IPty {
  const env = {
    PATH: process.env.PATH ?? "",
    HOME: home,
    HERM_API_URL: url,
    HERM_API_KEY: "key_of_the_bench",
  };
  return spawnOnTerminal({ file: herm.file, args: [...herm.args, ...words], env });
}

/** The duration of one run on a terminal; throws if it ends with any code except 0. */
export async function timeOnTerminalMs(program: Program): Promise<number> {
  const startedMs = performance.now();
  const child = spawnOnTerminal(program);
  let text = "";
  child.onData((data) => {
    text += data;
  });
  const { exitCode } = await new Promise<{ exitCode: number }>((resolve) => child.onExit(resolve));
  if (exitCode !== 0) throw new Error(`${program.args.join(" ")} ended with ${exitCode}: ${text}`);
  return performance.now() - startedMs;
}

function spawnOnTerminal({ file, args, env }: Program): IPty {
  return pty.spawn(file, [...args], { cols: 80, rows: 24, name: "xterm-256color", env });
}
