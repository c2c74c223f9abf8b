import { readFileSync } from "node:fs";
import { env, getuid, kill, pid, versions } from "node:process";
import { codeOf } from "../errors.js";

/** The one file of the server that looks at its own process, and at others. */
export const ownPid = pid;

/** The user's id; undefined where files have no such owner (Windows). */
export const ownUid = getuid?.();

/** True in the executable, whose runtime is Bun. */
export const isBun = "bun" in versions;

/** The environment for a program that we start: without any key or setting of ours (`HERM_*`, `PRISM_*`). */
export function withoutKeys(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(HERM|PRISM)_/i.test(name)));
}

/**
 * A process that has ended, and only waits for its parent to look, isn't running: in a container nobody may ever look.
 */
export function isRunning(other: number): boolean {
  try {
    return kill(other, 0) && !isOver(other);
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

/** True for a zombie or dead process, which only Linux reports. */
function isOver(other: number): boolean {
  try {
    return /^[ZX] /.test(readFileSync(`/proc/${other}/stat`, "utf8").split(") ").at(-1) ?? "");
  } catch {
    return false;
  }
}

/** Kills a process group at once; false where there are none (Windows) or it is gone. */
export function killGroup(leader: number): boolean {
  try {
    return kill(-leader, "SIGKILL");
  } catch {
    return false;
  }
}
