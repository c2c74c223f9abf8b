import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { onTestFinished } from "vitest";

/** Whether a full disk can be had here: Linux's limit of a file's size, set on a process that runs. */
export const canFillDisk = existsSync("/usr/bin/prlimit");

/** From now on until the test ends no file takes another byte from this process (EFBIG), as on a full disk. */
export function fillDisk(): void {
  setLimit("0");
  onTestFinished(freeDisk);
}

/** Files grow again. */
export function freeDisk(): void {
  setLimit("unlimited");
}

function setLimit(soft: string): void {
  execFileSync("/usr/bin/prlimit", ["--pid", String(process.pid), `--fsize=${soft}:`]);
}
