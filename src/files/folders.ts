import { chmodSync, existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, relative } from "node:path";
import { codeOf } from "../errors/cli-errors.js";
import { noHome } from "./machine.js";

/**
 * The top of the git repository that a folder lies in: the nearest folder, from this one upwards, that holds a `.git` (a
 * file in a worktree or a submodule). Undefined outside of any. The path isn't resolved: give it without links.
 */
export function repositoryOf(folder: string): string | undefined {
  return ancestorFolders(folder).find((each) => existsSync(join(each, ".git")));
}

/** An absolute folder and those it lies in, from the inside out. */
export function ancestorFolders(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...ancestorFolders(parent)];
}

/** True when an absolute path lies below a folder, by its text: links aren't followed. */
export function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== "" && way !== ".." && !/^\.\.[\\/]/.test(way) && !isAbsolute(way);
}

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
