import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { FileError, withFileErrors } from "./file-error.js";
import { type LockOptions, type LockState, type ProcessIdentity, stateOfLock, withLock } from "./lock.js";
import { type LogFile, type LogOptions, openLog } from "./log-file.js";
import {
  checkFile,
  checkFolder,
  closeRead,
  ensureFolder,
  namesIn,
  openOwned,
  removeLeftovers,
  renameOver,
  safeOpenFlags,
  statOf,
  syncFolder,
  tighten,
  type Uid,
  writeNew,
} from "./owned-files.js";

/**
 * Files private to the user (src/settings/README.md, "Keys"). Refuses a symlink, another user's file, or the wrong kind
 * of entry with FileError, and leaves it unchanged; tightens modes to 0700 and 0600.
 */
export interface PrivateFiles {
  /** Makes the folder and its missing parents, with 0700 whatever the umask. */
  ensureFolder(path: string): void;
  /** Lists a folder's entries; empty if the folder doesn't exist. */
  names(folder: string): string[];
  /** Returns the file's text, or undefined if it doesn't exist. Refuses more than 256 MiB. */
  read(path: string): string | undefined;
  /**
   * Replaces the file, with 0600 whatever the umask, and makes its folder if missing. A reader sees the whole old or
   * new text, and a kill, a full disk or a power cut leaves one of the two.
   */
  write(path: string, text: string): void;
  /** Replaces the file with the output of `fill`, which receives the path of a new file. */
  replace(path: string, fill: (temporaryPath: string) => void): void;
  /** Returns the file's last bytes, at most this many, as text; undefined if it doesn't exist. */
  readEnd(path: string, mostBytes: number): string | undefined;
  /** Reads a file that needn't be private, in any user's folder, such as a project's; at most `mostBytes`. */
  readShared(path: string, limit?: { mostBytes: number }): string | undefined;
  /** Writes such a file; an existing file keeps its mode, a new one follows the umask. */
  writeShared(path: string, text: string): void;
  /**
   * Runs `work` while no other process locks the same path. The lock is the file `<path>.lock`; a killed process's lock
   * is taken over. Throws NotPossibleError with the holder's name if it keeps the lock longer than `waitMs`.
   */
  withLock<T>(path: string, work: () => T | Promise<T>, options?: LockOptions): Promise<T>;
  lockState(path: string): LockState;
  /** The same beside a file in any user's folder; doesn't change that folder's mode. */
  withLockBeside<T>(path: string, work: () => T | Promise<T>, options?: LockOptions): Promise<T>;
  /** Opens a file to append lines to it, and makes its folder if missing. */
  log(path: string, options?: LogKeeping): LogFile;
  /** Opens a log in any user's folder; the file itself is 0600 and ours. */
  logBeside(path: string, options?: LogKeeping): LogFile;
  /** The same methods for files that may be other users', such as those that CI checked out; keeps owner and mode. */
  ofAnyone(): PrivateFiles;
}

type LogKeeping = Omit<LogOptions, "uid">;

export function createPrivateFiles(self: ProcessIdentity): PrivateFiles {
  const { uid } = self;
  const readBeside = (path: string) =>
    readText(path, { uid, isShared: false, read: (file) => wholeOf(file, path) });
  const read = (path: string) => {
    const folder = checkFolder(dirname(path), uid);
    return folder && readBeside(path);
  };
  const replace = (path: string, fill: (temporaryPath: string) => void) => {
    ensureFolder(dirname(path), uid);
    replaceFile(path, { uid, mode: 0o600, fill });
  };
  return {
    ensureFolder: (path) => ensureFolder(path, uid),
    names: (folder) => {
      // The system's own refusal is reported first.
      const names = namesIn(folder);
      checkFolder(folder, uid);
      return names;
    },
    read,
    readEnd: (path, mostBytes) =>
      readText(path, { uid, isShared: false, read: (file) => endOf(file, mostBytes) }),
    write: (path, text) => replace(path, (temporary) => writeNew(temporary, text)),
    replace,
    readShared: (path, limit) =>
      readText(path, { uid, isShared: true, read: (file) => wholeOf(file, path, limit?.mostBytes) }),
    writeShared: (path, text) => {
      const mode = statOf(path)?.mode;
      replaceFile(path, { uid, mode, fill: (temporary) => writeFileSync(temporary, text, { flag: "wx" }) });
    },
    withLock: (path, work, options) => {
      ensureFolder(dirname(path), uid);
      return withLock({ ...options, path: `${path}.lock`, self, read }, work);
    },
    lockState: (path) => stateOfLock({ path: `${path}.lock`, self, read: readBeside }),
    withLockBeside: (path, work, options) =>
      withLock({ ...options, path: `${path}.lock`, self, read: readBeside }, work),
    log: (path, options) => {
      ensureFolder(dirname(path), uid);
      return openLog(path, { ...options, uid });
    },
    logBeside: (path, options) => openLog(path, { ...options, uid }),
    ofAnyone: () => createPrivateFiles({ ...self, uid: undefined }),
  };
}

function readText(
  path: string,
  { uid, isShared, read }: { uid: Uid; isShared: boolean; read(file: number): string },
): string | undefined {
  const file = openOwned(path, uid);
  if (file === undefined) return undefined;
  try {
    if (!isShared) tighten(path, file, uid);
    return withFileErrors(path, "can't be read", () => read(file));
  } finally {
    closeRead(file);
  }
}

/** A limit far above herm's own files, even the ledger of an incident over 100,000 automations. */
const mostBytesRead = 256 * 1024 * 1024;
const chunkBytes = 16 * 1024;

/** Counts the bytes themselves, because the size that the system reports may be wrong (`/proc`). */
function wholeOf(file: number, path: string, mostBytes = mostBytesRead): string {
  const { size } = fstatSync(file);
  const chunks: Buffer[] = [];
  for (let length = 0; ; ) {
    if (size > mostBytes || length > mostBytes) throw tooLarge(path, mostBytes);
    const chunk = Buffer.allocUnsafe(Math.max(size + 1 - length, chunkBytes));
    const count = readSync(file, chunk, 0, chunk.length, null);
    if (count === 0) return Buffer.concat(chunks).toString("utf8");
    chunks.push(chunk.subarray(0, count));
    length += count;
  }
}

function tooLarge(path: string, mostBytes: number): FileError {
  const kibibytes = mostBytes / 1024;
  const most = kibibytes < 1024 ? `${kibibytes} KiB` : `${kibibytes / 1024} MiB`;
  return new FileError(path, `is larger than ${most}`, { hint: "herm left it unchanged" });
}

function endOf(file: number, mostBytes: number): string {
  const { size } = fstatSync(file);
  const end = Buffer.alloc(Math.min(size, mostBytes));
  const length = readSync(file, end, 0, end.length, size - end.length);
  return end.toString("utf8", 0, length);
}

interface Replacement {
  uid: Uid;
  /** The mode for the new file; undefined: the mode that it was created with. */
  mode: number | undefined;
  fill(temporaryPath: string): void;
}

function replaceFile(path: string, replacement: Replacement): void {
  const old = statOf(path);
  if (old !== undefined) checkFile(path, old, replacement.uid);
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(8).toString("hex")}.tmp`);
  try {
    withFileErrors(path, "can't be written", () => {
      replacement.fill(temporary);
      finish(temporary, replacement);
      renameOver(temporary, path);
    });
  } finally {
    rmSync(temporary, { force: true });
  }
  syncFolder(dirname(path));
  removeLeftovers(path);
}

/** Sets the new file's owner and mode, and waits until it is on the disk. */
function finish(temporary: string, { uid, mode }: Replacement): void {
  const file = openSync(temporary, constants.O_RDWR | safeOpenFlags);
  try {
    checkFile(temporary, fstatSync(file), uid);
    if (uid !== undefined && mode !== undefined) fchmodSync(file, mode & 0o777);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
