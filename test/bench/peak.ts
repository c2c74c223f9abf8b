import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { keepSaid, type Program, timeMs } from "./pairs.js";

export interface Run {
  ms: number;
  /** Its peak memory according to the system; undefined if the system doesn't report it. */
  peakMb: number | undefined;
  code: number | null;
}

/** Runs a program to its end and measures its memory. Throws if it ends with any code except 0, unless `mayFail`. */
export async function runWithPeak(
  { file, args, env }: Program,
  { mayFail = false }: { mayFail?: boolean } = {},
): Promise<Run> {
  const startedMs = performance.now();
  const child = spawn(file, args, { stdio: ["ignore", "ignore", "pipe"], env });
  const said = keepSaid(child);
  let ms: number | undefined;
  const ended = once(child, "exit").then(() => {
    ms = performance.now() - startedMs;
  });
  let peakMb: number | undefined;
  while (ms === undefined) {
    peakMb = peakSoFar(child) ?? peakMb;
    await Promise.race([ended, sleep(20)]);
  }
  if (child.exitCode !== 0 && !mayFail)
    throw new Error(`${args.join(" ")} ended with ${child.exitCode}: ${said()}`);
  return { ms, peakMb, code: child.exitCode };
}

function peakSoFar({ pid }: ChildProcess): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const kb = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1];
    return kb === undefined ? undefined : Number(kb) / 1024;
  } catch {
    return undefined;
  }
}

const saysItsPeak = `
const { writeFileSync } = require("node:fs");
process.on("SIGTERM", () => process.exit(0));
process.on("exit", () => writeFileSync(process.env.BENCH_PEAK, String(process.resourceUsage().maxRSS)));
`;

/**
 * A program's peak memory in a separate run, in MB. Node itself reports it; other programs are polled, often enough for
 * a short run. Undefined if the system doesn't show it.
 */
export function peakMbOf(program: Program): Promise<number | undefined> {
  return program.file === process.execPath ? peakMbOfNode(program) : watchedPeakMb(program);
}

async function watchedPeakMb(program: Program): Promise<number | undefined> {
  let peakMb: number | undefined;
  await timeMs(program, (child) => {
    const watching = setInterval(() => {
      peakMb = peakSoFar(child) ?? peakMb;
    }, 1);
    child.once("exit", () => clearInterval(watching));
  });
  return peakMb;
}

async function peakMbOfNode(program: Program): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "herm-bench-peak-"));
  const [preload, result] = [join(folder, "peak.cjs"), join(folder, "peak")];
  try {
    writeFileSync(preload, saysItsPeak);
    const env = { ...program.env, BENCH_PEAK: result, NODE_OPTIONS: `--require ${preload}` };
    await timeMs({ ...program, env });
    return Number(readFileSync(result, "utf8")) / 1024;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
