import { realpathSync } from "node:fs";

/** A path without links in it; undefined where it can't be told: nothing is there, or (with Bun) no /proc is mounted. */
export function realPathOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
