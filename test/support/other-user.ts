import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { command, commandFile } from "./command-file.js";

export const isRoot = process.getuid?.() === 0;

/** Whether root can start here what is tried as that user: in a folder that only root may enter nobody else can read it. */
export function canStartAs(uid: number): boolean {
  if (!isRoot) return false;
  const looks = '[ -r "$1" ] && [ -x "$2" ] && [ -x "$3" ]';
  const words = ["-c", looks, "sh", commandFile, tmpdir(), command.file];
  return spawnSync("/bin/sh", words, { cwd: "/", uid, gid: uid }).status === 0;
}
