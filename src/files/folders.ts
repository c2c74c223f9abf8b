import { chmodSync, existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, relative } from "node:path";
import { codeOf } from "../errors/cli-errors.js";
import { noHome } from "./machine.js";

/**
 * The root of a folder's git repository: the nearest folder, from this one upwards, that contains a `.git` (a file in
 * a worktree or a submodule). Undefined outside a repository. The path must be free of links.
 */
export function repositoryOf(folder: string): string | undefined {
  return ancestorFolders(folder).find((each) => existsSync(join(each, ".git")));
}

/** Lists an absolute folder and its parents, innermost first. */
export function ancestorFolders(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...ancestorFolders(parent)];
}

/** True if an absolute path is below a folder, judged by its text, without following links. */
export function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== "" && way !== ".." && !/^\.\.[\\/]/.test(way) && !isAbsolute(way);
}

/**
 * Makes a folder and its missing parents, and returns them; `mode` applies to all, whatever the umask, which applies
 * otherwise. Throws the system's error. Replaces Node's `recursive` option, which loops forever below `/proc`.
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
