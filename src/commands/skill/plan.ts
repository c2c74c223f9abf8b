import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { NotPossibleError } from "../../errors.js";
import { explain } from "../../files/file-error.js";
import { statOf } from "../../files/owned-files.js";
import type { FileToWrite } from "../../files/write-together.js";
import { skillName } from "../../help/skill/pages.js";

/** A file of the skill, and what is at its place. */
export interface PlannedFile extends FileToWrite {
  state: "new" | "same" | "differs";
}

/**
 * Plans what to write below `folder`, which may itself be a link. Throws NotPossibleError where a link, or anything
 * but a file, is at the place of one: nothing is written through a link, since it may lead out of the folder.
 */
export function planFiles(
  texts: readonly { path: string; text: string }[],
  { folder, shown }: { folder: string; shown: string },
): PlannedFile[] {
  return texts.map(({ path, text }) => {
    const file = { path: join(folder, skillName, path), shown: join(shown, skillName, path), text };
    for (const part of partsOf(join(skillName, dirname(path)))) refuseObstacle(folder, shown, part);
    return { ...file, state: stateOf(file) };
  });
}

/** `a`, `a/b` of `a/b`. */
function partsOf(path: string): string[] {
  const parent = dirname(path);
  return parent === "." ? [path] : [...partsOf(parent), path];
}

function refuseObstacle(folder: string, shown: string, part: string): void {
  const stats = statOf(join(folder, part));
  if (stats === undefined || stats.isDirectory()) return;
  throw inTheWay(join(shown, part), stats.isSymbolicLink() ? "is a symbolic link" : "isn't a folder");
}

function stateOf({ path, shown, text }: FileToWrite): PlannedFile["state"] {
  const stats = statOf(path);
  if (stats === undefined) return "new";
  if (!stats.isFile()) throw inTheWay(shown, stats.isSymbolicLink() ? "is a symbolic link" : "isn't a file");
  if (stats.size !== Buffer.byteLength(text)) return "differs";
  return explain(shown, "can't be read", () => readFileSync(path, "utf8")) === text ? "same" : "differs";
}

function inTheWay(shown: string, why: string): NotPossibleError {
  return new NotPossibleError(`${shown} ${why}; nothing was written`, {
    hint: "move it away, or choose another folder",
  });
}
