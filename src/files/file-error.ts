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

  /** The disk has no room, or this user has none left on it. */
  get isFull(): boolean {
    return isOutOfRoom(this.cause);
  }
}

/** Runs `work`; what the system refuses in it comes out as a FileError that names the path and the system's code. */
export function withFileErrors<T>(path: string, what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new FileError(path, `${what} (${codeOf(error)})`, { cause: error });
  }
}

/**
 * Runs `work`, which writes a file that a flag names. Where it can't be written nothing of herm's own is broken, so what
 * comes out in place of a FileError is NotPossibleError.
 */
export function writeNamed<T>(work: () => T, { hint }: { hint?: Hint } = {}): T {
  try {
    return work();
  } catch (error) {
    throw toNotPossibleError(error, hint);
  }
}

/** Makes the error where a file that a flag names can't be written; returns other errors as they are. */
export function toNotPossibleError(error: unknown, hint?: Hint): unknown {
  if (!(error instanceof FileError)) return error;
  return new NotPossibleError(error.message, { hint: hint ?? error.hint, cause: error });
}

/** Runs `work` as far as the system lets it: it cleans up or takes down, and nothing fails because that can't be done. */
export function ignoreErrors(work: () => void): void {
  try {
    work();
  } catch {
    // What is left undone does no harm.
  }
}

/** Says what to do about a file that can't be written; `elsewhere` is how another folder is named. */
export function hintOfUnwritten({ isFull }: FileError, elsewhere: string): string {
  return isFull ? `make room, or ${elsewhere}` : elsewhere;
}

/** The error to throw where a change isn't sent because its record or a copy couldn't be written; others as they are. */
export function toUnrecordedError(
  error: unknown,
  elsewhere = "set HERM_DATA_DIR to a writable folder of your own",
): unknown {
  // Without a cause the system refused nothing: a file isn't as it should be, and its own message says more.
  if (!(error instanceof FileError) || error.cause === undefined) return error;
  return new UnrecordedError(`nothing was sent, since it can't be recorded: ${error.message}`, {
    hint: hintOfUnwritten(error, elsewhere),
    cause: error,
  });
}
