import { ApiError, HermError, RateLimitError } from "../api/errors.js";
import { type ErrorDetails, exitCodes, NotPossibleError, PartialFailureError } from "../errors/cli-errors.js";
import { exitCodeOf } from "../errors/exit-code.js";

export interface Success<Value> {
  result: "done" | "unchanged";
  value: Value;
}

export type Outcome<Value> =
  | Success<Value>
  /** `unknown`: a change was sent, but whether it took effect couldn't be found out. */
  | { result: "failed" | "unknown"; error: unknown }
  /** The item was never started. `cause`: the failure of another item, because of which this one was skipped. */
  | { result: "skipped"; reason: SkipReason; cause?: unknown };

/**
 * `deployment refused`: it returned a 402 or 403. `API unreachable`: requests have been failing for too long. `rate
 * limited`: several 429s asked for a longer wait than the limit of a request allows.
 */
export type SkipReason =
  | "interrupted"
  | "key refused"
  | "deployment refused"
  | "API unreachable"
  | "rate limited";

export function wentWrong({ result }: { result?: string | undefined }): boolean {
  return result === "failed" || result === "unexpected" || result === "unknown";
}

export function mayBeChanged({ result }: { result?: string | undefined }): boolean {
  return result === "done" || result === "unknown";
}

export interface ItemResult<Item, Value> {
  item: Item;
  outcome: Outcome<Value>;
}

/** The reason why no more items are started; `cause` is the failure behind it. */
export interface Stop {
  reason: SkipReason;
  cause?: unknown;
}

/** The reason why a read returned no value: its own error, or the failure that kept it from starting. */
export function errorOf(outcome: Outcome<unknown>): unknown {
  if ("value" in outcome) return undefined;
  return "error" in outcome ? outcome.error : (outcome.cause ?? new Error(outcome.reason));
}

type Results = readonly ItemResult<unknown, unknown>[];

/** True if every request kept failing until its retries ran out (src/api/retry/outage-retry.ts). */
export function isOutage(error: unknown): boolean {
  for (let each = error; each instanceof Error; each = each.cause) {
    if (each instanceof HermError && each.tried?.outageMs !== undefined) return true;
  }
  return false;
}

/** True if a request was never sent, because every request had to wait for longer than its limit. */
export function wasHeldBack(error: unknown): error is RateLimitError {
  return error instanceof RateLimitError && error.tried?.attempts === 0;
}

/** The scope of a refusal: the key for a 401, the deployment for a 402 or 403. Undefined for any other error. */
export function stopsOf(error: unknown): "everything" | "deployment" | undefined {
  if (!(error instanceof ApiError)) return undefined;
  if (error.status === 401) return "everything";
  return error.status === 402 || error.status === 403 ? "deployment" : undefined;
}

/** The error if the key was refused on every attempt. */
export function keyRefusal(results: Results): unknown {
  const errors = errorsOf(results);
  const tried = results.filter(({ outcome }) => outcome.result !== "skipped").length;
  return errors.length === tried && errors.every((error) => exitCodeOf(error) === exitCodes.auth)
    ? errors[0]
    : undefined;
}

export function errorsOf(results: Results): unknown[] {
  return results.flatMap(({ outcome }) => ("error" in outcome ? [outcome.error] : []));
}

/** It is unknown whether an object exists (8). */
export class UnknownPresenceError extends PartialFailureError {}

/** A deployment isn't ready yet, or is broken (6). */
export class UnreadyError extends NotPossibleError {
  constructor(
    message: string,
    readonly isBroken: boolean,
    details?: ErrorDetails,
  ) {
    super(message, details);
  }
}

/** True if the API itself refuses for this reason as well (src/api/README.md, "Errors"). */
export function isNotReady(error: unknown): boolean {
  return error instanceof UnreadyError || (error instanceof ApiError && error.status === 409);
}

export function unreadiness(isBroken: boolean): string {
  return isBroken ? "is broken (status: error)" : "isn't ready";
}
