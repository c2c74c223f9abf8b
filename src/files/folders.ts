import { existsSync } from "node:fs";
import { dirname, isAbsolute, join, relative } from "node:path";

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
