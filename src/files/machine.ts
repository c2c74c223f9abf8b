/** This machine: its user, its processes, its real paths. */

import { readFileSync, readlinkSync, realpathSync } from "node:fs";
import { homedir, hostname, userInfo } from "node:os";
import { isAbsolute } from "node:path";

/** Stands for the home of a user who has none: nothing is there, and nothing is made there (`makeFolders`). */
export const noHome = "/nonexistent";

/**
 * The user's home: HOME, or what the system has for the user where HOME is missing or isn't absolute, since what is
 * kept there must not depend on the working folder.
 */
export function homeFolder(): string {
  for (const read of [homedir, () => listedUser()?.homedir ?? "", () => userInfo().homedir]) {
    try {
      const home = read();
      if (isAbsolute(home)) return home;
    } catch {
      // Neither HOME nor an entry for the user.
    }
  }
  return noHome;
}

/** The user whose process this is, as the system knows them: $USER is anybody's to set, and often missing in a container. */
export function systemUser(): string | undefined {
  try {
    return (listedUser() ?? userInfo()).username || undefined;
  } catch {
    // The system has no entry for the user.
    return undefined;
  }
}

/**
 * The user's line in the list of users. Bun's `userInfo` takes all but the id from the environment; who is listed elsewhere
 * (a directory, macOS) is called there what $USER says. Windows has no such list and no ids, and anybody may make the file there.
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

/** The boot of a machine and the pid namespace in which a pid means something. */
export function pidScope(): string {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${boot} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return hostname();
  }
}

/**
 * The start of a process, so that a later one with its pid isn't taken for it, and `ended` for one that only waits for
 * its parent to look. Linux only; empty elsewhere.
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

/** A path without links in it; undefined where it can't be told: nothing is there, or (with Bun) no /proc is mounted. */
export function realPathOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
