import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { codeOf } from "../errors/cli-errors.js";
import { FileError, ignoreErrors, withFileErrors } from "./file-error.js";
import { makeFolders } from "./folders.js";

/** The required owner of files; `undefined` if files have none (Windows), so that owner and mode aren't checked. */
export type Uid = number | undefined;

/** Never follows a link in a path's last part, nor waits for a pipe's other end. */
export const safeOpenFlags = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** Makes the folder and its missing parents, flushed to the disk; see PrivateFiles.ensureFolder. */
export function ensureFolder(path: string, uid: Uid): void {
  const made = withFileErrors(path, "can't be created", () => makeFolders(path, 0o700));
  for (const folder of made) syncFolder(dirname(folder));
  const stats = checkFolder(path, uid);
  if (stats === undefined) throw new FileError(path, "can't be created");
  if (uid === undefined || (stats.mode & 0o777) === 0o700) return;
  withFileErrors(path, "is open to other users; its mode can't be changed", () => chmodSync(path, 0o700));
}

/** Throws FileError unless the path is a folder of ours; undefined if it doesn't exist. */
export function checkFolder(path: string, uid: Uid): Stats | undefined {
  const stats = statOf(path);
  if (stats === undefined) return undefined;
  if (stats.isSymbolicLink()) throw refusedLink(path);
  if (!stats.isDirectory()) throw new FileError(path, "isn't a folder");
  if (uid === undefined) return stats;
  if (stats.uid !== uid) throw refusedOwner(path, stats.uid);
  // In a folder such as /tmp or the root, private modes would lock out other users.
  if ((stats.mode & 0o1000) !== 0 || dirname(path) === path) {
    throw new FileError(path, "is shared with others", { hint: "choose a folder for herm alone" });
  }
  return stats;
}

/** Throws FileError unless the path is a file of ours. */
export function checkFile(path: string, stats: Stats, uid: Uid): void {
  if (stats.isSymbolicLink()) throw refusedLink(path);
  if (!stats.isFile()) throw new FileError(path, "isn't a file");
  if (uid !== undefined && stats.uid !== uid) throw refusedOwner(path, stats.uid);
}

/** Opens a file of ours for reading, and checks the opened file; undefined if it doesn't exist. */
export function openOwned(path: string, uid: Uid): number | undefined {
  const file = openExisting(path);
  if (file === undefined) return undefined;
  try {
    checkFile(path, fstatSync(file), uid);
    return file;
  } catch (error) {
    closeRead(file);
    throw error;
  }
}

/** Closes a file that was only read, or is abandoned; errors, such as those on NFS, do no harm and are ignored. */
export function closeRead(file: number): void {
  ignoreErrors(() => closeSync(file));
}

function openExisting(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | safeOpenFlags);
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT") return undefined;
    if (code === "ELOOP" || code === "EMLINK") throw refusedLink(path);
    throw new FileError(path, `can't be read (${code})`, { cause: error });
  }
}

/** Creates a file that mustn't exist yet, with 0600 whatever the umask. Throws the system's error. */
export function writeNew(path: string, text: string): void {
  const file = openSync(path, "wx", 0o600);
  try {
    fchmodSync(file, 0o600);
    writeFileSync(file, text);
    if (fstatSync(file).size !== Buffer.byteLength(text)) throw new FileError(path, "was cut short");
  } finally {
    closeSync(file);
  }
}

/** Removes other users' permissions from an open file of ours. */
export function tighten(path: string, file: number, uid: Uid): void {
  if (uid === undefined || (fstatSync(file).mode & 0o077) === 0) return;
  withFileErrors(path, "is open to other users; its mode can't be changed", () => fchmodSync(file, 0o600));
}

/** Returns the path's own status without following links; undefined if it doesn't exist. */
export function statOf(path: string): Stats | undefined {
  return withFileErrors(path, "can't be checked", () => lstatSync(path, { throwIfNoEntry: false }));
}

const freshMs = 60_000;

/** True for a file or folder changed in the last minute, by the disk's clock. Never throws. */
export function isFresh(path: string): boolean {
  try {
    const stats = statOf(path);
    return stats !== undefined && Math.abs(Date.now() - stats.mtimeMs) < freshMs;
  } catch {
    return false;
  }
}

export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw new FileError(folder, `can't be read (${codeOf(error)})`, { cause: error });
  }
}

/** Flushes the folder to the disk, for new and renamed files; some systems can't open a folder. */
export function syncFolder(folder: string): void {
  // If that fails, the file is still there; only a power cut within seconds could bring back the old version.
  ignoreErrors(() => {
    const handle = openSync(folder, constants.O_RDONLY);
    ignoreErrors(() => fsyncSync(handle));
    closeSync(handle);
  });
}

const leftoverAgeMs = 60_000;

/** Removes temporary files that a killed writer left over a minute ago, `.<name>.….tmp`; they may contain a key. */
export function removeLeftovers(path: string): void {
  const folder = dirname(path);
  const prefix = `.${basename(path)}.`;
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(prefix) || !name.includes(".tmp")) continue;
    const stats = statOf(join(folder, name));
    const isLeftover = stats !== undefined && stats.mtimeMs < Date.now() - leftoverAgeMs;
    if (isLeftover) rmSync(join(folder, name), { force: true });
  }
}

const renamePauseMs = 50;
const mostRenames = 20;

/** Renames even over a file that another program is reading; Windows refuses that, so it retries for a second. */
export function renameOver(path: string, target: string): void {
  for (let tries = 1; ; tries += 1) {
    try {
      renameSync(path, target);
      return;
    } catch (error) {
      if (!["EPERM", "EACCES", "EBUSY"].includes(codeOf(error)) || tries === mostRenames) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, renamePauseMs);
    }
  }
}

export function refusedLink(path: string): FileError {
  return new FileError(path, "is a symbolic link", {
    hint: "herm keeps its files in real files and folders, not links",
  });
}

function refusedOwner(path: string, owner: number): FileError {
  return new FileError(path, `belongs to another user (${owner})`, {
    hint: "change its owner, or set HERM_CONFIG_DIR or HERM_DATA_DIR",
  });
}
