/** What `run` says of an item that it got through: it changed it, or there was nothing to change. */
export interface Success<Value> {
  result: "done" | "unchanged";
  value: Value;
}

/** What became of one item. */
export type Outcome<Value> =
  | Success<Value>
  /** `unknown`: a change went out, and whether it took effect could not be established. */
  | { result: "failed" | "unknown"; error: unknown }
  /** Never started. `cause`: the failure of another item, which stopped this one. */
  | { result: "skipped"; reason: SkipReason; cause?: unknown };

/** `deployment refused`: 402 or 403 there. `API unreachable`: nothing succeeded any more, for too long. */
export type SkipReason =
  | "interrupted"
  | "key refused"
  | "deployment refused"
  | "too many failures"
  | "API unreachable";

/** Whether something went wrong with an item, as far as is known. */
export function wentWrong({ result }: { result?: string | undefined }): boolean {
  return result === "failed" || result === "unexpected" || result === "unknown";
}

/** Whether an item was changed, or may have been. */
export function mayBeChanged({ result }: { result?: string | undefined }): boolean {
  return result === "done" || result === "unknown";
}

/** An item with what became of it. */
export interface ItemResult<Item, Value> {
  item: Item;
  outcome: Outcome<Value>;
}

/** Why nothing new is started; `cause`: the failure that it is because of. */
export interface Stop {
  reason: SkipReason;
  cause?: unknown;
}

/** Why a reading has no value: what it failed with, or what kept it from being started. Undefined where it has one. */
export function errorOf(outcome: Outcome<unknown>): unknown {
  if ("value" in outcome) return undefined;
  return "error" in outcome ? outcome.error : (outcome.cause ?? new Error(outcome.reason));
}
