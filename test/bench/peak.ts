import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Program } from "./pairs.js";

/**
 * Runs a program to its end and watches its memory: the most that it took, as the system counts it, in MB (undefined where
 * the system doesn't tell). Throws if it ends with anything but 0.
 */
export async function runWithPeak({
  file,
  args,
  env,
}: Program): Promise<{ ms: number; peakMb: number | undefined }> {
  const startedAt = performance.now();
  const child = spawn(file, args, { stdio: ["ignore", "ignore", "inherit"], env });
  let ms: number | undefined;
  const ended = once(child, "exit").then(() => {
    ms = performance.now() - startedAt;
  });
  let peakMb: number | undefined;
  while (ms === undefined) {
    peakMb = peakSoFar(child) ?? peakMb;
    await Promise.race([ended, sleep(20)]);
  }
  if (child.exitCode !== 0) throw new Error(`${args.join(" ")} ended with ${child.exitCode}`);
  return { ms, peakMb };
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
