import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { PrivateFiles } from "./private-files.js";

const mostTexts = 20;

interface SavedTexts {
  files: PrivateFiles;
  dataDir: string;
  now: Date;
}

/** Saves a text that would otherwise be lost, readable by this user only; returns its path. Keeps the last 20. */
export function saveTextIn({ files, dataDir, now }: SavedTexts, text: string): string {
  const folder = join(dataDir, "texts");
  files.ensureFolder(folder);
  const path = unusedPath(folder, now);
  files.write(path, text);
  const names = readdirSync(folder).filter((name) => /^[^.].*\.md$/.test(name));
  for (const name of names.sort().slice(0, -mostTexts)) rmSync(join(folder, name), { force: true });
  return path;
}

function unusedPath(folder: string, now: Date): string {
  const stamp = now.toISOString().replaceAll(/[-:.]/g, "");
  for (let count = 0; ; count += 1) {
    const path = join(folder, `${stamp}-${String(count).padStart(2, "0")}.md`);
    if (!existsSync(path)) return path;
  }
}
