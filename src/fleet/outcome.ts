export interface Success<Value> {
  result: "done" | "unchanged";
  value: Value;
}

export type Outcome<Value> =
  | Success<Value>
  /** `unknown`: a change went out, and whether it took effect could not be established. */
  | { result: "failed" | "unknown"; error: unknown }
  /** Never started. `cause`: the failure of another item, which stopped this one. */
  | { result: "skipped"; reason: SkipReason; cause?: unknown };

/**
 * `deployment refused`: 402 or 403 there. `API unreachable`: nothing succeeded for too long. `rate limited`: several
 * 429s asked for a longer wait than a request may have.
 */
export type SkipReason =
  | "interrupted"
  | "key refused"
  | "deployment refused"
  | "too many failures"
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

/** The reason why nothing new is started; `cause`: the failure behind it. */
export interface Stop {
  reason: SkipReason;
  cause?: unknown;
}

/** The reason why a reading has no value: its error, or what prevented its start. */
export function errorOf(outcome: Outcome<unknown>): unknown {
  if ("value" in outcome) return undefined;
  return "error" in outcome ? outcome.error : (outcome.cause ?? new Error(outcome.reason));
}
