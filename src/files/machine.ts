/** This machine: its user, its processes, its real paths. */

import { readFileSync, readlinkSync, realpathSync } from "node:fs";
import { homedir, hostname, userInfo } from "node:os";
import { isAbsolute } from "node:path";

/** The home for users without one: a folder that doesn't exist and is never made (`makeFolders`). */
export const noHome = "/nonexistent";

/**
 * The user's home: HOME, or the system's entry if HOME is missing or relative, because the place of our files mustn't
 * depend on the working folder.
 */
export function homeFolder(): string {
  for (const read of [homedir, () => listedUser()?.homedir ?? "", () => userInfo().homedir]) {
    try {
      const home = read();
      if (isAbsolute(home)) return home;
    } catch {
      // There is neither HOME nor an entry for the user.
    }
  }
  return noHome;
}

/** This process's user according to the system, because anyone can set $USER, and containers often don't set it. */
export function systemUser(): string | undefined {
  try {
    return (listedUser() ?? userInfo()).username || undefined;
  } catch {
    return undefined;
  }
}

/**
 * The user's line in the list of users. Bun's `userInfo` reads all but the id from the environment; users listed
 * elsewhere (a directory, macOS) get $USER. Windows has no such list or ids, and there any user may create the file.
 */
function listedUser(): { username: string; homedir: string } | undefined {
  const { uid } = userInfo();
  if (uid < 0) return undefined;
  const lines = textOf("/etc/passwd").split("\n");
  const [username, , , , , homedir] =
    lines.map((line) => line.split(":")).find((fields) => fields[2] === String(uid)) ?? [];
  return username === undefined || homedir === undefined ? undefined : { username, homedir };
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** Identifies the machine's boot and the pid namespace within which a pid is valid. */
export function pidScope(): string {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${boot} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return hostname();
  }
}

/**
 * A process's start time, so that a later process with its pid isn't mistaken for it; `ended` if its parent hasn't
 * collected it yet. Linux only; empty elsewhere.
 */
export function startOf(pid: number): string {
  try {
    const afterName = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1) ?? "";
    const fields = afterName.split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? "ended" : (fields[19] ?? "");
  } catch {
    return "";
  }
}

/** Resolves a path's links; undefined if it doesn't exist, or (with Bun) /proc isn't mounted. */
export function realPathOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
