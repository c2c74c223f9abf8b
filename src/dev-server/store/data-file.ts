import { chmodSync, closeSync, constants, lstatSync, openSync } from "node:fs";
import { CliError, codeOf, exitCodes } from "../../errors.js";
import { ownUid } from "../environment.js";

/**
 * Sees to it that the database and what SQLite keeps beside it are files of ours that nobody else can read, and not
 * reached through a link. Throws CliError. It never opens a file that is there: closing it again would free the
 * lock that another server in this process holds on it.
 */
export function prepareDataFile(path: string): void {
  for (const part of [`${path}-wal`, `${path}-journal`]) checkFile(part);
  if (checkFile(path)) return;
  try {
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);
    closeSync(openSync(path, flags, 0o600));
  } catch (error) {
    // Somebody was quicker: the lock decides whose it is.
    if (codeOf(error) === "EEXIST") return;
    throw refused(path, `can't be created (${codeOf(error)})`, error);
  }
}

function checkFile(path: string): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats) return false;
  if (stats.isSymbolicLink()) throw refused(path, "is a symbolic link");
  if (!stats.isFile()) throw refused(path, "isn't a file");
  if (ownUid === undefined) return true;
  if (stats.uid !== ownUid) throw refused(path, "belongs to another user");
  if ((stats.mode & 0o077) !== 0) chmodSync(path, 0o600);
  return true;
}

function refused(path: string, what: string, cause?: unknown): CliError {
  return new CliError(`${path} ${what}`, exitCodes.unexpected, "file", {
    hint: "choose another --data",
    cause,
  });
}
