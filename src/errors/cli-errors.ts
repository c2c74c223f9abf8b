/** Exit codes for errors (src/commands/README.md, "Exit codes"). A command throws and never exits; main.ts reports. */
export const exitCodes = {
  ok: 0,
  unexpected: 1,
  usage: 2,
  auth: 3,
  notFound: 4,
  refused: 5,
  conflict: 6,
  unreachable: 7,
  partial: 8,
  found: 9,
  runFailed: 10,
  runWaits: 11,
  unknown: 12,
  hungUp: 129,
  interrupted: 130,
  quit: 131,
  terminated: 143,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Writes a command line for this shell, with the flags that chose this call's target. */
export type CommandWriter = (...words: string[]) => string;

/** Text, or a function that writes text with commands for this call. */
export type Hint = string | ((herm: CommandWriter) => string);

/** A hint that ends with a command to copy: `to see its runs: herm runs list A1`. */
export function hintTo(purpose: string, ...words: string[]): Hint {
  return (herm) => `${purpose}: ${herm(...words)}`;
}

export interface ErrorDetails {
  hint?: Hint;
  cause?: unknown;
}

/** An error for the user. Its text may come from a server, so the reporter passes it through safe(). */
export class CliError extends Error {
  readonly exitCode: ExitCode;
  /** The word in `{"error":{"code"}}`. */
  readonly code: string;
  readonly hint: Hint | undefined;

  constructor(message: string, exitCode: ExitCode, code: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.name = new.target.name;
    this.exitCode = exitCode;
    this.code = code;
    this.hint = details.hint;
  }
}

function errorOf(exitCode: ExitCode, code: string) {
  return class extends CliError {
    constructor(message: string, details?: ErrorDetails) {
      super(message, exitCode, code, details);
    }
  };
}

/** Wrong usage, or input refused before any request (2). */
export class UsageError extends errorOf(exitCodes.usage, "usage") {}

/** `what` names the refused input. */
export function refuseEmpty(what: string, text: string, details?: ErrorDetails): void {
  if (text.trim() === "") throw new UsageError(`${what} is empty`, details);
}

/** The code of a system error (`ENOENT`), or its text if it has none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

/** True for a full disk or quota. */
export function isOutOfRoom(error: unknown): boolean {
  return ["ENOSPC", "EDQUOT", "EFBIG"].includes(codeOf(error));
}

export function textOfError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const mostReasonCharacters = 10_000;

export function refuseLongReason(what: string, text: string): void {
  if (text.length > mostReasonCharacters)
    throw new UsageError(`${what} is longer than ${mostReasonCharacters} characters`);
}

/** Throws UsageError if a key was found. */
export function refuseKey(what: string, found: string | undefined): void {
  if (found === undefined) return;
  throw new UsageError(`an API key is in ${what}`, {
    hint: "nothing was sent or saved: anyone who reads that could use the key",
  });
}

/** No key for a command that needs one (3). */
export class NoKeyError extends errorOf(exitCodes.auth, "no_key") {}

/** No match for a name, run or incident (4). */
export class NothingFoundError extends errorOf(exitCodes.notFound, "not_found") {}

/** A state that prevents the command: several matches, a name already in use, frozen, locked (6). */
export class NotPossibleError extends errorOf(exitCodes.conflict, "conflict") {}

/** Refused by HERM_FREEZE (6). */
export class FrozenError extends NotPossibleError {}

/** A change not sent because it couldn't be recorded first (6). */
export class UnrecordedError extends NotPossibleError {}

/** A question that was answered with "no" or left with Esc (1). */
export class DeclinedError extends CliError {
  constructor(message = "nothing changed", details?: ErrorDetails) {
    super(message, exitCodes.unexpected, "declined", details);
  }
}

/** Several items, some of which failed (8). */
export class PartialFailureError extends errorOf(exitCodes.partial, "partial_failure") {}

/** A change was sent, with an unknown effect (12). */
export class OutcomeUnknownError extends errorOf(exitCodes.unknown, "outcome_unknown") {}

/** The API reported success, but the change isn't visible (1). */
export class ChangeIgnoredError extends CliError {
  readonly isPartial: boolean;
  readonly createdId: string | undefined;

  constructor(message: string, details: ErrorDetails & { isPartial?: boolean; createdId?: string } = {}) {
    super(message, exitCodes.unexpected, "change_ignored", details);
    this.isPartial = details.isPartial ?? false;
    this.createdId = details.createdId;
  }
}

/** The followed run failed (10). */
export class RunFailedError extends errorOf(exitCodes.runFailed, "run_failed") {}

/** The followed run waits for an answer, and the user can't be asked (11). */
export class RunWaitsError extends errorOf(exitCodes.runWaits, "run_waits") {}

export const interruptions = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"] as const;

export type Interruption = (typeof interruptions)[number];

const exitCodeOfSignal: Record<Interruption, ExitCode> = {
  SIGHUP: exitCodes.hungUp,
  SIGINT: exitCodes.interrupted,
  SIGQUIT: exitCodes.quit,
  SIGTERM: exitCodes.terminated,
};

/** The command was ended by a signal: a closed terminal (129), Ctrl-C (130), Ctrl-\ (131) or SIGTERM (143). */
export class InterruptedError extends CliError {
  readonly signal: Interruption;

  constructor(signal: Interruption = "SIGINT", message = "interrupted", details: ErrorDetails = {}) {
    super(message, exitCodeOfSignal[signal], "interrupted", details);
    this.signal = signal;
  }
}

/** Ends the command with a code and no output, such as 9 for `--exit-code`. */
export class QuietExit extends CliError {
  constructor(exitCode: ExitCode) {
    super("", exitCode, "exit");
  }
}
