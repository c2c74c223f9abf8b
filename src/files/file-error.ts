import { CliError, exitCodes, UnrecordedError } from "../errors.js";

/** A file or folder of herm's own that can't be read, written or trusted (1). */
export class FileError extends CliError {
  readonly path: string;

  constructor(path: string, what: string, details: { hint?: string; cause?: unknown } = {}) {
    super(`${path} ${what}`, exitCodes.unexpected, "file", details);
    this.path = path;
  }
}

/** Runs `work`; what the system refuses in it comes out as a FileError that names the path and the system's code. */
export function explain<T>(path: string, what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new FileError(path, `${what} (${codeOf(error)})`, { cause: error });
  }
}

/** The system's word for what went wrong (`ENOENT`), or the error's text. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

/** What to throw where a change isn't sent because its record or a copy couldn't be written; other errors as they are. */
export function unrecorded(error: unknown): unknown {
  // Of what isn't as it should be, rather than refused by the system, nothing here is the cause.
  if (!(error instanceof FileError) || error.cause === undefined) return error;
  return new UnrecordedError(`nothing was sent, since it can't be recorded: ${error.message}`, {
    hint: "make room, or set HERM_DATA_DIR to a folder of your own that can be written",
    cause: error,
  });
}
