import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { command, commandFile } from "./command-file.js";

export const isRoot = process.getuid?.() === 0;

/** True if root can start the tested program as that user, who can't read it in a folder that only root may enter. */
export function canStartAs(uid: number): boolean {
  if (!isRoot) return false;
  const looks = '[ -r "$1" ] && [ -x "$2" ] && [ -x "$3" ]';
  const words = ["-c", looks, "sh", commandFile, tmpdir(), command.file];
  return spawnSync("/bin/sh", words, { cwd: "/", uid, gid: uid }).status === 0;
}
