import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { timeOnTerminalMs } from "./on-terminal.js";

export interface Program {
  file: string;
  args: readonly string[];
  env?: NodeJS.ProcessEnv;
  /** It gets a terminal of its own, 80 × 24. */
  isOnTerminal?: boolean;
}

export interface Ratio {
  /** Median of the pairs' ratios. */
  ratio: number;
  medianMs: number;
  floorMs: number;
  pairs: number;
}

/**
 * Runs a program and its floor in turn, each once before measuring, so that other work on the machine affects both
 * equally.
 */
export async function comparePairs(program: Program, floor: Program, pairs = 15): Promise<Ratio> {
  await timeMs(floor);
  await timeMs(program);
  const ratios: number[] = [];
  const times: number[] = [];
  const floors: number[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    const isFirst = pair % 2 === 0;
    const one = await timeMs(isFirst ? program : floor);
    const other = await timeMs(isFirst ? floor : program);
    const [ours, theirs] = isFirst ? [one, other] : [other, one];
    times.push(ours);
    floors.push(theirs);
    ratios.push(ours / theirs);
  }
  return { ratio: median(ratios), medianMs: median(times), floorMs: median(floors), pairs };
}

/**
 * The duration of one run; throws if it ends with any code except 0. `begins` gets the process, but not one on a
 * terminal.
 */
export async function timeMs(program: Program, begins?: (child: ChildProcess) => void): Promise<number> {
  if (program.isOnTerminal) return timeOnTerminalMs(program);
  const { file, args, env } = program;
  const startedMs = performance.now();
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"], env });
  const said = keepSaid(child);
  // If nobody reads it, a long output fills the pipe, and the process waits forever.
  child.stdout.resume();
  begins?.(child);
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${file} ${args.join(" ")} ended with ${code}: ${said()}`);
  return performance.now() - startedMs;
}

/** A program's stderr matters only if it fails. */
export function keepSaid({ stderr }: Pick<ChildProcess, "stderr">): () => string {
  let text = "";
  stderr?.on("data", (chunk: Buffer) => {
    text += chunk;
  });
  return () => text;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
