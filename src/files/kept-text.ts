import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { PrivateFiles } from "./private-files.js";

const mostCopies = 20;
const endings = [".yaml", ".md"];

/** Where texts are kept that a person wrote and that could not be used. */
export interface TextKeeping {
  files: PrivateFiles;
  dataDir: string;
  now: Date;
}

/** Below this lies all that is kept. */
export function keptFolderOf(dataDir: string): string {
  return join(dataDir, "kept");
}

/** Keeps such a text, which nobody else can read; gives its path. The last 20 stay. */
export function keepTextIn({ files, dataDir, now }: TextKeeping, text: string): string {
  const folder = join(keptFolderOf(dataDir), "texts");
  files.ensureFolder(folder);
  const path = `${unusedStem(folder, now)}.md`;
  files.write(path, text);
  forgetOldestCopies(folder);
  return path;
}

/** A file's path without its ending, by the time. */
export function unusedStem(folder: string, now: Date): string {
  const stamp = now.toISOString().replaceAll(/[-:.]/g, "");
  for (let count = 0; ; count += 1) {
    const stem = join(folder, `${stamp}-${String(count).padStart(2, "0")}`);
    if (!endings.some((ending) => existsSync(stem + ending))) return stem;
  }
}

/** Leaves the last 20 of a folder. */
export function forgetOldestCopies(folder: string): void {
  const names = readdirSync(folder).filter((name) => /\.(yaml|md)$/.test(name) && !name.startsWith("."));
  const stems = [...new Set(names.map((name) => name.replace(/\.\w+$/, "")))].sort();
  for (const stem of stems.slice(0, -mostCopies)) {
    for (const ending of endings) rmSync(join(folder, stem + ending), { force: true });
  }
}
