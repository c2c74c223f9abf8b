import { existsSync, readFileSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import process from "node:process";
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { codeOf } from "../errors/cli-errors.js";

declare const Bun: { gc(isForced: boolean): void };

/** The server's only file that inspects its own and other processes. */
export const ownPid = process.pid;

/** The user's id; undefined if files have no owner's id (Windows). */
export const ownUid = process.getuid?.();

/** True in the executable, whose runtime is Bun. */
export const isBun = "bun" in process.versions;

/** Node's own SQLite, if available without a flag, and without Node 22's experimental warning. */
export function nodeSqlite(): object | undefined {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return process.getBuiltinModule("node:sqlite");
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** The command that installs a package beside this one: globally, in npx's folder or in a project. */
export function commandThatAdds(name: string): string {
  const folder = join(realpathSync(process.argv[1] ?? ""), "../../../..");
  if (basename(dirname(folder)) === "_npx") return `npx --package ${name} --package herm-cli herm`;
  return `npm install ${existsSync(join(folder, "package.json")) ? "" : "--global "}${name}`;
}

/** The environment for child processes, without our keys and settings (`HERM_*`, `PRISM_*`). */
export function withoutKeys(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(HERM|PRISM)_/i.test(name)));
}

/** A zombie process isn't running: in a container, its parent may never collect it. */
export function isRunning(other: number): boolean {
  try {
    return process.kill(other, 0) && !isOver(other);
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

/** Kills a process, or a group (a negative id); false if it is gone or another user's, or for a group on Windows. */
export function killed(other: number): boolean {
  try {
    return process.kill(other, "SIGKILL");
  } catch {
    return false;
  }
}

/** Frees unreferenced objects now, because otherwise a driver's prepared statements keep their file open. */
export async function collectGarbage(): Promise<void> {
  if (isBun) Bun.gc(true);
  else {
    setFlagsFromString("--expose-gc");
    runInNewContext("gc")();
  }
  await setImmediate();
}
