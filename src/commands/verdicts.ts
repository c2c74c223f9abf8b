import { ChangeIgnoredError, type ExitCode, exitCodes } from "../errors.js";
import { judge } from "../report.js";

/** The exit code that an error stands for (src/README.md, "Exit codes"); for the shared executor. */
export function exitCodeOf(error: unknown): ExitCode {
  return judge(error).exitCode;
}

/** What failed, in words; for rows, where an error has one line. */
export function messageOf(error: unknown): string {
  return judge(error).message;
}

/** Whether something may have changed although it failed. */
export function mayHaveChanged(error: unknown): boolean {
  return isUnknown(error) || (error instanceof ChangeIgnoredError && error.isPartial);
}

/** Whether a change went out and nobody knows whether it took effect. */
export function isUnknown(error: unknown): boolean {
  return exitCodeOf(error) === exitCodes.unknown;
}
