import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { quoteForShells } from "../../command-line/shell-quote.js";
import type { Context } from "../../context.js";
import { NotPossibleError } from "../../errors.js";
import { withFileErrors } from "../../files/file-error.js";
import { statOf } from "../../files/owned-files.js";
import { saveTextIn } from "../../files/saved-texts.js";
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
  return withFileErrors(shown, "can't be read", () => readFileSync(path, "utf8")) === text
    ? "same"
    : "differs";
}

function inTheWay(shown: string, why: string): NotPossibleError {
  return new NotPossibleError(`${shown} ${why}; nothing was written`, {
    hint: "move it away, or choose another folder",
  });
}

/** Saves replaced files in the data folder, and says where by their paths; a file that can't be saved isn't replaced. */
export function backUpReplaced(
  context: Context,
  changed: readonly PlannedFile[],
): ReadonlyMap<string, string> {
  const { files, dataDir } = context.settings;
  const replaced = changed.filter(({ state }) => state === "differs");
  return new Map(
    replaced.map(({ path, shown }) => {
      const held = withFileErrors(shown, "can't be read", () => readFileSync(path, "utf8"));
      return [path, saveTextIn({ files, dataDir, now: context.now() }, held)];
    }),
  );
}

/** Commands that leave everything as it was; `newFolder` is the skill's, where it wasn't there. */
export function undoLines(
  changed: readonly PlannedFile[],
  { backups, newFolder }: { backups: ReadonlyMap<string, string>; newFolder: string | undefined },
): string[] {
  if (newFolder !== undefined) return [asCommand("rm", "-r", newFolder)];
  const fresh = changed.filter(({ state }) => state === "new").map(({ path }) => path);
  const back = [...backups].map(([path, copy]) => asCommand("cp", copy, path));
  return fresh.length === 0 ? back : [...back, asCommand("rm", ...fresh)];
}

function asCommand(...words: readonly string[]): string {
  return words.map(quoteForShells).join(" ");
}
