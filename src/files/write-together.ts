import { randomBytes } from "node:crypto";
import { existsSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { ignoreErrors, toNotPossibleError, withFileErrors } from "./file-error.js";
import { ancestorFolders } from "./folders.js";
import { makeFolders } from "./make-folders.js";
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

/** The innermost first. */
function missingFolders(files: readonly FileToWrite[]): string[] {
  const folders = new Set(files.flatMap(({ path }) => ancestorFolders(dirname(path))));
  return [...folders]
    .filter((folder) => !existsSync(folder))
    .toSorted((one, other) => other.length - one.length);
}
