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
} from "../api/errors.js";
import { ChangeIgnoredError, CliError, type ExitCode, exitCodes, InterruptedError } from "./cli-errors.js";

/** Returns the exit code for any error, which report-error.ts prints. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CliError) return error.exitCode;
  if (error instanceof ApiError) return exitCodeOfStatus(error.status);
  if (error instanceof AmbiguousError) return exitCodes.unknown;
  if (isOneOf(error, [InvalidIdError, InvalidUrlError, ApiKeyError])) return exitCodes.usage;
  if (error instanceof RedirectError) return exitCodes.refused;
  if (isOneOf(error, [TimeoutError, ConnectionError, UnexpectedAnswerError])) return exitCodes.unreachable;
  return exitCodes.unexpected;
}

/** True if a change's effect is unknown. */
export function isOutcomeUnknown(error: unknown): boolean {
  return exitCodeOf(error) === exitCodes.unknown;
}

/** True if a retry would be refused again, because the request was neither lost on the way nor interrupted. */
export function isRefusal(error: unknown): boolean {
  const { auth, notFound, refused, conflict } = exitCodes;
  const isIgnored = error instanceof ChangeIgnoredError && !error.isPartial;
  return isIgnored || [auth, notFound, refused, conflict].some((code) => code === exitCodeOf(error));
}

/** True even for an interruption, because an attempt may already have been sent. */
export function mayBeUnfinished(error: unknown): boolean {
  return isOutcomeUnknown(error) || error instanceof InterruptedError;
}

/** True if a failed request may still have changed its target. */
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
