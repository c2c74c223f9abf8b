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

/** The owner that files have to have; `undefined` where files have no such owner (Windows): then owner and mode aren't checked. */
export type Uid = number | undefined;

/** Neither follows a link in a path's last part, nor waits for the other end of a pipe. */
export const safeOpenFlags = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** Makes the folder and those above it that are missing, which outlive a power cut; see PrivateFiles.ensureFolder. */
export function ensureFolder(path: string, uid: Uid): void {
  const made = withFileErrors(path, "can't be created", () => makeFolders(path, 0o700));
  for (const folder of made) syncFolder(dirname(folder));
  const stats = checkFolder(path, uid);
  if (stats === undefined) throw new FileError(path, "can't be created");
  if (uid === undefined || (stats.mode & 0o777) === 0o700) return;
  withFileErrors(path, "is open to others, which can't be changed", () => chmodSync(path, 0o700));
}

/** Throws FileError unless the path is a folder of ours; undefined if nothing is there. */
export function checkFolder(path: string, uid: Uid): Stats | undefined {
  const stats = statOf(path);
  if (stats === undefined) return undefined;
  if (stats.isSymbolicLink()) throw refusedLink(path);
  if (!stats.isDirectory()) throw new FileError(path, "isn't a folder");
  if (uid === undefined) return stats;
  if (stats.uid !== uid) throw refusedOwner(path, stats.uid);
  // A folder such as /tmp, or the root: closing it would shut others out.
  if ((stats.mode & 0o1000) !== 0 || dirname(path) === path) {
    throw new FileError(path, "is shared with others", { hint: "choose a folder of its own" });
  }
  return stats;
}

/** Throws FileError unless what is at the path is a file of ours. */
export function checkFile(path: string, stats: Stats, uid: Uid): void {
  if (stats.isSymbolicLink()) throw refusedLink(path);
  if (!stats.isFile()) throw new FileError(path, "isn't a file");
  if (uid !== undefined && stats.uid !== uid) throw refusedOwner(path, stats.uid);
}

/** Opens a file of ours for reading, everything checked on what was opened; undefined if nothing is there. */
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

/** Closes what was only read, or is given up: nothing is lost where the system fails at it, as NFS may. */
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

/** Makes a file that mustn't be there yet, with 0600 whatever the umask. Throws what the system says. */
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

/** Takes away what others may do with an open file of ours. */
export function tighten(path: string, file: number, uid: Uid): void {
  if (uid === undefined || (fstatSync(file).mode & 0o077) === 0) return;
  withFileErrors(path, "is open to others, which can't be changed", () => fchmodSync(file, 0o600));
}

/** Looks at a path itself, links not followed; undefined if nothing is there. */
export function statOf(path: string): Stats | undefined {
  return withFileErrors(path, "can't be checked", () => lstatSync(path, { throwIfNoEntry: false }));
}

const freshMs = 60_000;

/** True for a file or folder that was changed in the last minute, as the disk's clock has it. Never throws. */
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

/** Makes new and renamed files themselves last; not every system lets a folder be opened for that. */
export function syncFolder(folder: string): void {
  // Where it fails the file stands; only a power cut within seconds could bring back what was there before.
  ignoreErrors(() => {
    const handle = openSync(folder, constants.O_RDONLY);
    ignoreErrors(() => fsyncSync(handle));
    closeSync(handle);
  });
}

const leftoverAgeMs = 60_000;

/**
 * Removes the new files that killed writers of a path left beside it, `.<name>.….tmp`, which may hold a key. No living
 * writer takes a minute.
 */
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

/** Renames, also over a file that another program is reading, which Windows refuses: then it is tried for a second. */
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
