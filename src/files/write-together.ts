import { randomBytes } from "node:crypto";
import { existsSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ignoreErrors, toNotPossibleError, withFileErrors } from "./file-error.js";
import { ancestorFolders, makeFolders } from "./folders.js";
import { renameOver } from "./owned-files.js";

export interface FileToWrite {
  /** Absolute. */
  path: string;
  shown: string;
  text: string;
}

/**
 * Writes files that a flag names, each whole; folders that are missing are made. All lie ready beside their places before
 * the first takes its own, so that a full disk or a folder that can't be written changes nothing: NotPossibleError.
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
    // Only those that are empty go.
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

/** The least that a file takes: an empty one goes onto a full disk. */
const probeBytes = 4096;

/**
 * Writes a file into a folder, which need not be there yet, and leaves nothing of it; `mode` is that of folders it makes.
 * Throws FileError, which names `shown`: the folder, or what is to be written there.
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
    // Folders that were never made, or have something of somebody else's in them by now, stay.
    for (const each of missing) ignoreErrors(() => rmdirSync(each));
  }
}
