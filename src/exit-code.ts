import {
  AmbiguousError,
  ApiError,
  ApiKeyError,
  ConnectionError,
  InvalidIdError,
  InvalidUrlError,
  RedirectError,
  TimeoutError,
  UnexpectedAnswerError,
} from "./api/errors.js";
import { ChangeIgnoredError, CliError, type ExitCode, exitCodes, InterruptedError } from "./errors.js";

/** The exit code that an error stands for, whoever threw it; report.ts has the words. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CliError) return error.exitCode;
  if (error instanceof ApiError) return exitCodeOfStatus(error.status);
  if (error instanceof AmbiguousError) return exitCodes.unknown;
  if (isOneOf(error, [InvalidIdError, InvalidUrlError, ApiKeyError])) return exitCodes.usage;
  if (error instanceof RedirectError) return exitCodes.refused;
  if (isOneOf(error, [TimeoutError, ConnectionError, UnexpectedAnswerError])) return exitCodes.unreachable;
  return exitCodes.unexpected;
}

/** Whether a change went out and nobody knows whether it took effect. */
export function isOutcomeUnknown(error: unknown): boolean {
  return exitCodeOf(error) === exitCodes.unknown;
}

/** The same of what is sent at most once: who interrupts while its lost answer is looked for leaves its outcome unknown. */
export function mayBeUnfinished(error: unknown): boolean {
  return isOutcomeUnknown(error) || error instanceof InterruptedError;
}

/** Whether something may have changed although it failed. */
export function mayHaveChanged(error: unknown): boolean {
  return isOutcomeUnknown(error) || (error instanceof ChangeIgnoredError && error.isPartial);
}

function isOneOf(error: unknown, classes: readonly (abstract new (...args: never) => Error)[]): boolean {
  return classes.some((each) => error instanceof each);
}

function exitCodeOfStatus(status: number): ExitCode {
  if (status === 401 || status === 403) return exitCodes.auth;
  if (status === 404) return exitCodes.notFound;
  if (status === 402 || status === 409) return exitCodes.conflict;
  if (status === 408 || status === 429 || status >= 500) return exitCodes.unreachable;
  return status >= 400 ? exitCodes.refused : exitCodes.unexpected;
}
