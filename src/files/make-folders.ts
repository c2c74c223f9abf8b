import { chmodSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { codeOf } from "../errors.js";
import { noHome } from "./machine.js";

/**
 * Makes a folder, and those above it that are missing, which it gives; `mode` is theirs whatever the umask, by default what
 * the umask makes of it. Throws what the system says. In place of Node's own `recursive`, which tries for ever below
 * `/proc`.
 */
export function makeFolders(path: string, mode?: number): string[] {
  if (statSync(path, { throwIfNoEntry: false }) !== undefined) return [];
  if (path === noHome) throw Object.assign(new Error("no home folder"), { code: "no home folder" });
  const parent = dirname(path);
  const above = parent === path ? [] : makeFolders(parent, mode);
  try {
    mkdirSync(path);
  } catch (error) {
    // Another process has just made the folder.
    if (codeOf(error) === "EEXIST") return above;
    throw error;
  }
  if (mode !== undefined) chmodSync(path, mode);
  return [...above, path];
}
