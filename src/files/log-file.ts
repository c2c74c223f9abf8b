import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { setImmediate } from "node:timers/promises";
import { promisify } from "node:util";
import { codeOf } from "../errors/cli-errors.js";
import { FileError, withFileErrors } from "./file-error.js";
import {
  checkFile,
  closeRead,
  refusedLink,
  safeOpenFlags,
  syncFolder,
  tighten,
  type Uid,
} from "./owned-files.js";

const fsyncOf = promisify(fsync);

export interface LogOptions {
  uid: Uid;
  /** Removes an unterminated last line instead of ending it. */
  cutsLastLine?: boolean;
}

/** Opens a file for appending, and creates it with 0600 if missing; refuses the same files as PrivateFiles. */
export function openLog(path: string, { uid, cutsLastLine = false }: LogOptions): LogFile {
  const { file, isNew } = openForAppending(path);
  try {
    withFileErrors(path, "can't be written", () => {
      checkFile(path, fstatSync(file), uid);
      if (isNew && uid !== undefined) fchmodSync(file, 0o600);
      tighten(path, file, uid);
      endLine(file, cutsLastLine);
    });
  } catch (error) {
    closeRead(file);
    throw error;
  }
  return new LogFile(path, file, isNew);
}

/** One of our files, to which only whole lines are added. */
export class LogFile {
  #isFolderSynced: boolean;
  #appended = 0;
  #synced = 0;
  #underWay: Promise<void> | undefined;

  constructor(
    private readonly path: string,
    private readonly file: number,
    isNew: boolean,
  ) {
    this.#isFolderSynced = !isNew;
  }

  /** Appends all of the lines, each with its line end, or none. They outlive this process. Throws FileError. */
  append(lines: string): void {
    withFileErrors(this.path, "can't be written", () =>
      appendWhole(this.file, Buffer.from(lines), this.path),
    );
    this.#appended += 1;
  }

  /** Resolves once all earlier lines are on the disk. Concurrent calls share the work. */
  async flush(): Promise<void> {
    const wanted = this.#appended;
    while (this.#synced < wanted) {
      this.#underWay ??= this.#sync();
      await this.#underWay;
    }
  }

  /** Throws FileError if the file can't be written. */
  close(): void {
    withFileErrors(this.path, "can't be written", () => closeSync(this.file));
  }

  async #sync(): Promise<void> {
    // Lines appended before the process next waits are included.
    await setImmediate();
    const covered = this.#appended;
    try {
      await fsyncOf(this.file);
      this.#synced = covered;
    } catch (error) {
      throw new FileError(this.path, `can't be written (${codeOf(error)})`, { cause: error });
    } finally {
      this.#underWay = undefined;
    }
    if (this.#isFolderSynced) return;
    syncFolder(dirname(this.path));
    this.#isFolderSynced = true;
  }
}

/** For reading too, because the end is examined; never follows a link, nor waits for the other end of a pipe. */
const appending = constants.O_RDWR | constants.O_APPEND | safeOpenFlags;

function openForAppending(path: string): { file: number; isNew: boolean } {
  try {
    return { file: openSync(path, appending), isNew: false };
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw refused(path, error);
  }
  try {
    return { file: openSync(path, appending | constants.O_CREAT | constants.O_EXCL, 0o600), isNew: true };
  } catch (error) {
    // Another process was faster.
    if (codeOf(error) === "EEXIST") return openForAppending(path);
    throw refused(path, error);
  }
}

function refused(path: string, error: unknown): FileError {
  const code = codeOf(error);
  if (code === "ELOOP" || code === "EMLINK") return refusedLink(path);
  return new FileError(path, `can't be written (${code})`, { cause: error });
}

/** Ends or removes a truncated line, so that it doesn't absorb the next one. */
function endLine(file: number, cutsLastLine: boolean): void {
  const { size } = fstatSync(file);
  const end = lineEndBefore(file, size);
  if (end === size) return;
  if (cutsLastLine) ftruncateSync(file, end);
  else writeSync(file, "\n");
}

/** Finds the last line end at or before `position`; 0 if there is none. */
function lineEndBefore(file: number, position: number): number {
  const block = Buffer.alloc(64 * 1024);
  for (let end = position; end > 0; ) {
    const start = Math.max(0, end - block.length);
    const length = readSync(file, block, 0, end - start, start);
    const at = block.subarray(0, length).lastIndexOf("\n");
    if (at !== -1) return start + at + 1;
    end = start;
  }
  return 0;
}

/** Appends a whole text: if only a part of it fits on the disk, removes that part. */
function appendWhole(file: number, bytes: Buffer, path: string): void {
  let written = 0;
  try {
    while (written < bytes.length) written += writeSync(file, bytes, written);
  } catch (error) {
    ftruncateSync(file, fstatSync(file).size - written);
    throw new FileError(path, `can't be written (${codeOf(error)})`, { cause: error });
  }
}
