import {
  CliError,
  codeOf,
  exitCodes,
  type Hint,
  isOutOfRoom,
  NotPossibleError,
  UnrecordedError,
} from "../errors/cli-errors.js";

/** A file or folder of herm's own that can't be read, written or trusted (1). */
export class FileError extends CliError {
  constructor(
    readonly path: string,
    what: string,
    details: { hint?: string; cause?: unknown } = {},
  ) {
    super(`${path} ${what}`, exitCodes.unexpected, "file", details);
  }

  /** True if the disk, or this user's quota, is full. */
  get isFull(): boolean {
    return isOutOfRoom(this.cause);
  }
}

/** Runs `work`; turns a system error into a FileError with the path and the system's code. */
export function withFileErrors<T>(path: string, what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new FileError(path, `${what} (${codeOf(error)})`, { cause: error });
  }
}

/**
 * Runs `work`, which writes a file named by a flag. A failure affects none of herm's own files, so it becomes a
 * NotPossibleError instead of a FileError.
 */
export function writeNamed<T>(work: () => T, { hint }: { hint?: Hint } = {}): T {
  try {
    return work();
  } catch (error) {
    throw toNotPossibleError(error, hint);
  }
}

/** Turns a FileError for a file named by a flag into a NotPossibleError; returns other errors unchanged. */
export function toNotPossibleError(error: unknown, hint?: Hint): unknown {
  if (!(error instanceof FileError)) return error;
  return new NotPossibleError(error.message, { hint: hint ?? error.hint, cause: error });
}

/** Runs the cleanup in `work` as far as the system permits, without failing. */
export function ignoreErrors(work: () => void): void {
  try {
    work();
  } catch {
    // Incomplete cleanup does no harm.
  }
}

/** Suggests a way around a file that can't be written; `elsewhere` says how to choose another folder. */
export function hintOfUnwritten({ isFull }: FileError, elsewhere: string): string {
  return isFull ? `free some space, or ${elsewhere}` : elsewhere;
}

/** Returns the error for a change that isn't sent, because its record or copy can't be written; others unchanged. */
export function toUnrecordedError(
  error: unknown,
  elsewhere = "set HERM_DATA_DIR to a writable folder of your own",
): unknown {
  // Without a cause, the system didn't refuse access: the file is invalid, and its own message says more.
  if (!(error instanceof FileError) || error.cause === undefined) return error;
  return new UnrecordedError(`nothing was sent, because it couldn't be recorded: ${error.message}`, {
    hint: hintOfUnwritten(error, elsewhere),
    cause: error,
  });
}
