import { randomBytes } from "node:crypto";
import { existsSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ignoreErrors, toNotPossibleError, withFileErrors } from "./file-error.js";
import { ancestorFolders, makeFolders } from "./folders.js";
import { renameOver } from "./owned-files.js";

export interface FileToWrite {
  path: string;
  shown: string;
  text: string;
}

/**
 * Writes files named by flags, each as a whole, and makes missing folders. All are ready beside their destinations
 * before the first is replaced, so that a full disk or an unwritable folder changes none. Throws NotPossibleError.
 */
export function writeTogether(files: readonly FileToWrite[]): void {
  const suffix = `.${randomBytes(6).toString("hex")}.tmp`;
  const missing = missingFolders(files);
  try {
    for (const { path, shown, text } of files) {
      withFileErrors(shown, "can't be written", () => {
        makeFolders(dirname(path));
        writeFileSync(path + suffix, text, { flag: "wx" });
      });
    }
    for (const { path, shown } of files)
      withFileErrors(shown, "can't be written", () => renameOver(path + suffix, path));
  } catch (error) {
    for (const { path } of files) ignoreErrors(() => rmSync(path + suffix, { force: true }));
    // Only empty folders are removed.
    for (const folder of missing) ignoreErrors(() => rmdirSync(folder));
    throw toNotPossibleError(error);
  }
}

function missingFolders(files: readonly FileToWrite[]): string[] {
  const folders = new Set(files.flatMap(({ path }) => ancestorFolders(dirname(path))));
  return [...folders]
    .filter((folder) => !existsSync(folder))
    .toSorted((one, other) => other.length - one.length);
}

/** The size of the test file, because an empty file would fit even on a full disk. */
const probeBytes = 4096;

/**
 * Writes and removes a test file in a folder, which needn't exist yet; `mode` applies to new folders. Throws a
 * FileError that names `shown`: the folder, or the file to be written there.
 */
export function tryWriting(
  folder: string,
  { mode, shown = folder }: { mode?: number; shown?: string } = {},
): void {
  const missing = ancestorFolders(folder).filter((each) => !existsSync(each));
  const file = join(folder, `.herm.${randomBytes(8).toString("hex")}.tmp`);
  try {
    withFileErrors(shown, shown === folder ? "can't be created" : "can't be written", () =>
      makeFolders(folder, mode),
    );
    withFileErrors(shown, "can't be written", () =>
      writeFileSync(file, Buffer.alloc(probeBytes), { flag: "wx" }),
    );
  } finally {
    ignoreErrors(() => rmSync(file));
    // Skips folders that were never made, or that now contain another program's files.
    for (const each of missing) ignoreErrors(() => rmdirSync(each));
  }
}
