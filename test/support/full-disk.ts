import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { onTestFinished } from "vitest";

/** True if a full disk can be simulated here: Linux can limit the file size of a running process. */
export const canFillDisk = existsSync("/usr/bin/prlimit");

/** From now until the test ends, this process can't add a byte to any file (EFBIG), as on a full disk. */
export function fillDisk(): void {
  setLimit("0");
  onTestFinished(freeDisk);
}

/** Lets files grow again. */
export function freeDisk(): void {
  setLimit("unlimited");
}

function setLimit(soft: string): void {
  execFileSync("/usr/bin/prlimit", ["--pid", String(process.pid), `--fsize=${soft}:`]);
}
