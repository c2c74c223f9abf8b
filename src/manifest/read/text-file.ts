import { isUtf8 } from "node:buffer";
import { constants, type Stats } from "node:fs";
import { type FileHandle, lstat, open, readlink, realpath, stat } from "node:fs/promises";
import { sep } from "node:path";
import type { Readable } from "node:stream";
import { codeOf } from "../../errors/cli-errors.js";
import { isInside, repositoryOf } from "../../files/folders.js";

const mib = 1024 * 1024;
/** Maximum size of a manifest or instructions file in bytes (src/manifest/README.md). */
const usualMostBytes = mib;
/** The message for a path where there is no file. */
export const noSuchFile = "no such file";

/** The reason why a text can't be read, at a line and column if known. */
export class TextFileError extends Error {
  readonly line: number;
  readonly column: number;

  constructor(message: string, { line = 1, column = 1 }: { line?: number; column?: number } = {}) {
    super(message);
    this.line = line;
    this.column = column;
  }
}

export class TooLargeError extends TextFileError {}

/** Reads a regular file of UTF-8 text, 1 MiB at most by default; never opens any other kind. Throws TextFileError. */
export async function readTextFile(path: string, mostBytes = usualMostBytes): Promise<string> {
  return withTextFileErrors(async () => {
    checkRegular(await stat(path), mostBytes);
    return readOpened(path, { flags: constants.O_RDONLY, mostBytes });
  });
}

/**
 * Reads a file named in a manifest, with more limits than readTextFile, because its author may not be the user. Its
 * real path must be in the git repository of `folder`, or in `folder` if there is none, and not in `.git`. Checks the
 * opened file, so that it can't be replaced in between; without `/proc`, checks the path again instead.
 */
export async function readNamedFile(path: string, folder: string): Promise<string> {
  return withTextFileErrors(async () => {
    const root = await realpath(folder);
    const real = await realpath(path);
    checkLocation(real, root);
    checkRegular(await lstat(real), usualMostBytes);
    return readOpened(real, {
      flags: constants.O_RDONLY | constants.O_NOFOLLOW,
      mostBytes: usualMostBytes,
      check: async ({ fd }) =>
        checkLocation(await readlink(`/proc/self/fd/${fd}`).catch(() => realpath(path)), root),
    });
  });
}

/** Reads a file as readTextFile does, but refuses a link. Throws TextFileError. */
export async function readUnlinked(path: string, mostBytes: number): Promise<string> {
  return withTextFileErrors(async () => {
    const found = await lstat(path);
    if (found.isSymbolicLink()) throw new TextFileError("is a symbolic link");
    checkRegular(found, mostBytes);
    return readOpened(path, { flags: constants.O_RDONLY | constants.O_NOFOLLOW, mostBytes });
  });
}

/** Reads a UTF-8 stream to its end, at most 1 MiB by default. Throws TextFileError, or the signal's reason. */
export async function readTextStream(
  stream: Readable,
  signal: AbortSignal,
  mostBytes = usualMostBytes,
): Promise<string> {
  signal.throwIfAborted();
  const stop = () => stream.destroy();
  signal.addEventListener("abort", stop, { once: true });
  try {
    return decodeText(await readBounded(stream, mostBytes));
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof TextFileError) throw error;
    throw new TextFileError(describeSystemError(error));
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

const systemFolders = ["/proc", "/sys", "/dev"];
/** A system folder that contains users' files, and perhaps a repository. */
const sharedMemory = "/dev/shm";

function checkLocation(real: string, folder: string): void {
  const repository = repositoryOf(folder);
  const root = repository ?? folder;
  if (!isInside(real, root)) {
    throw new TextFileError(
      repository === undefined
        ? `leads to ${real}, outside the manifest's folder, which isn't in a git repository (to allow it, run git init in a folder above both)`
        : `leads to ${real}, outside the manifest's repository ${repository}`,
    );
  }
  // A repository may contain the whole machine, and git sometimes stores a token in its own folder.
  const isGits = real.split(sep).some((name) => name.toLowerCase() === ".git");
  const isSystems = systemFolders.some((each) => isInside(real, each)) && !isInside(root, sharedMemory);
  if (isGits || isSystems) {
    throw new TextFileError(`leads to ${real}, which herm doesn't read`);
  }
}

function checkRegular(found: Stats, mostBytes: number): void {
  if (found.isDirectory()) throw new TextFileError("is a folder");
  if (!found.isFile()) throw new TextFileError("isn't a regular file");
  if (found.size > mostBytes) throw tooLarge(mostBytes);
}

function tooLarge(mostBytes: number): TooLargeError {
  return new TooLargeError(`is larger than ${mostBytes / mib} MiB`);
}

/** Opens without waiting for a FIFO that replaced the file; `check` receives the opened file. */
async function readOpened(
  path: string,
  {
    flags,
    mostBytes,
    check,
  }: { flags: number; mostBytes: number; check?(opened: FileHandle): Promise<void> },
): Promise<string> {
  const file = await open(path, flags | constants.O_NONBLOCK);
  try {
    checkRegular(await file.stat(), mostBytes);
    await check?.(file);
    return decodeText(await readBounded(file.createReadStream({ autoClose: false }), mostBytes));
  } finally {
    // If closing fails, no text is lost, because all of it has been read.
    await file.close().catch(() => undefined);
  }
}

/** Reads to the end or the limit, because the stated size may be wrong (`/proc`) or grow. */
async function readBounded(stream: Readable, mostBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > mostBytes) throw tooLarge(mostBytes);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/** Decodes strict UTF-8 without a byte order mark. Throws TextFileError at the first invalid byte. */
function decodeText(bytes: Buffer): string {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    throw new TextFileError("is UTF-16; save it as UTF-8");
  }
  if (!isUtf8(bytes)) throw new TextFileError("is not UTF-8", findBrokenByte(bytes));
  const text = bytes.toString("utf8");
  return text.startsWith("\ufeff") ? text.slice(1) : text;
}

/** Encodes the text again to compare, because a streaming decoder drops an incomplete last character. */
function findBrokenByte(bytes: Buffer): { line: number; column: number } {
  const again = Buffer.from(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes));
  const broken = bytes.findIndex((byte, at) => byte !== again[at]);
  const valid = bytes.subarray(0, broken === -1 ? bytes.length : broken);
  const lines = new TextDecoder("utf-8").decode(valid, { stream: true }).split("\n");
  return { line: lines.length, column: (lines.at(-1) ?? "").length + 1 };
}

async function withTextFileErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TextFileError) throw error;
    throw new TextFileError(describeSystemError(error));
  }
}

export function isMissing(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR"].includes(codeOf(error));
}

function describeSystemError(error: unknown): string {
  if (isMissing(error)) return noSuchFile;
  const code = codeOf(error);
  if (code === "EACCES" || code === "EPERM") return "can't be read: permission denied";
  return `can't be read (${code})`;
}
