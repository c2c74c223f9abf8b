import { type ExitCode, exitCodes, OutcomeUnknownError, PartialFailureError } from "../errors.js";

/** How many items are worked on at once unless told otherwise (cli.md, "Flags": `--concurrency`). */
const defaultConcurrency = 8;

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
  /** Never started: after Ctrl-C, after a refused key, or after `maxFailures`. */
  | { result: "skipped"; reason: "interrupted" | "key refused" | "too many failures" };

export interface ItemResult<Item, Value> {
  item: Item;
  outcome: Outcome<Value>;
}

export interface Execution<Item, Value> {
  /** Started in this order. */
  items: readonly Item[];
  /**
   * Works on one item. Give the changes that it sends no abort signal: what is in flight at Ctrl-C shall finish, so
   * that its outcome is known.
   */
  run(item: Item): Promise<Success<Value>>;
  /** The exit code that an error stands for (`judge` in report.ts): 12 makes an item unknown, 3 on the first one stops the rest. */
  exitCodeOf(error: unknown): ExitCode;
  /** When it aborts nothing new is started. */
  signal: AbortSignal;
  concurrency?: number;
  /** So many failures (unknown ones count) stop the rest. */
  maxFailures?: number | undefined;
  /** Right before an item is worked on. Throwing keeps it and all later ones from being started. */
  onStart?(item: Item): void;
  /** As soon as an item is over, skipped ones included. Throwing stops the rest. */
  onOutcome?(item: Item, outcome: Outcome<Value>): void;
}

/**
 * Works on many items, a bounded number at once; what fails doesn't stop the others. The first item goes alone: if the
 * key is refused there (401, 403), nothing else is sent. Resolves with one result an item, in the order of the items,
 * when everything in flight is over, interrupted or not; rejects, as late, only with what a hook threw.
 */
export async function execute<Item, Value>(
  execution: Execution<Item, Value>,
): Promise<ItemResult<Item, Value>[]> {
  const crew = new Crew(execution);
  await crew.work(1);
  await crew.work(execution.concurrency ?? defaultConcurrency);
  return crew.finish();
}

type SkipReason = Extract<Outcome<unknown>, { result: "skipped" }>["reason"];

class Crew<Item, Value> {
  readonly #execution: Execution<Item, Value>;
  readonly #outcomes: Outcome<Value>[] = [];
  #next = 0;
  #failures = 0;
  #stopped: SkipReason | undefined;
  #hookFailure: { error: unknown } | undefined;

  constructor(execution: Execution<Item, Value>) {
    this.#execution = execution;
  }

  /** Alone: one item. Several workers: until there is nothing left to start. */
  async work(workers: number): Promise<void> {
    const left = this.#execution.items.length - this.#next;
    const isAlone = this.#next === 0;
    await Promise.all(Array.from({ length: Math.min(workers, left) }, () => this.#worker(isAlone)));
  }

  async #worker(isAlone: boolean): Promise<void> {
    for (;;) {
      const at = this.#next;
      const item = this.#execution.items[at];
      if (item === undefined || this.#skipReason() !== undefined) return;
      this.#next += 1;
      if (!this.#hook(() => this.#execution.onStart?.(item))) return;
      const outcome = await this.#run(item);
      this.#judge(outcome, at);
      this.#outcomes[at] = outcome;
      this.#hook(() => this.#execution.onOutcome?.(item, outcome));
      if (isAlone) return;
    }
  }

  /** What was never started is skipped; throws what a hook threw. */
  finish(): ItemResult<Item, Value>[] {
    const { items, onOutcome } = this.#execution;
    const results = items.map((item, at) => {
      const known = this.#outcomes[at];
      if (known !== undefined) return { item, outcome: known };
      const outcome: Outcome<Value> = { result: "skipped", reason: this.#skipReason() ?? "interrupted" };
      this.#hook(() => onOutcome?.(item, outcome));
      return { item, outcome };
    });
    if (this.#hookFailure !== undefined) throw this.#hookFailure.error;
    return results;
  }

  #skipReason(): SkipReason | undefined {
    if (this.#stopped !== undefined) return this.#stopped;
    return this.#execution.signal.aborted || this.#hookFailure !== undefined ? "interrupted" : undefined;
  }

  async #run(item: Item): Promise<Outcome<Value>> {
    try {
      return await this.#execution.run(item);
    } catch (error) {
      const { signal } = this.#execution;
      if (signal.aborted && error === signal.reason) return { result: "skipped", reason: "interrupted" };
      const isUnknown = this.#execution.exitCodeOf(error) === exitCodes.unknown;
      return { result: isUnknown ? "unknown" : "failed", error };
    }
  }

  #judge(outcome: Outcome<Value>, at: number): void {
    if (outcome.result !== "failed" && outcome.result !== "unknown") return;
    this.#failures += 1;
    if (at === 0 && this.#execution.exitCodeOf(outcome.error) === exitCodes.auth)
      this.#stopped = "key refused";
    else if (this.#failures >= (this.#execution.maxFailures ?? Number.POSITIVE_INFINITY))
      this.#stopped ??= "too many failures";
  }

  /** Whether the hook went well; after one that didn't nothing new is started and no hook is called. */
  #hook(call: () => void): boolean {
    if (this.#hookFailure !== undefined) return false;
    try {
      call();
      return true;
    } catch (error) {
      this.#hookFailure = { error };
      return false;
    }
  }
}

/** How many results of each kind. */
export type Counts = Record<Outcome<unknown>["result"], number>;

export function countOutcomes(results: readonly ItemResult<unknown, unknown>[]): Counts {
  const counts: Counts = { done: 0, unchanged: 0, failed: 0, unknown: 0, skipped: 0 };
  for (const { outcome } of results) counts[outcome.result] += 1;
  return counts;
}

export interface FailureReading {
  exitCodeOf(error: unknown): ExitCode;
  /** What to do next, for the hint. */
  hint?: string;
}

/**
 * The error that a command of many items ends with (cli.md, "Exit codes"), or undefined if nothing failed: of one item
 * its own, 12 if any outcome is unknown, the key's where every item that was tried failed so, else 8. An interruption
 * isn't looked at: that is the signal's reason.
 */
export function failureOf(
  results: readonly ItemResult<unknown, unknown>[],
  { exitCodeOf, hint }: FailureReading,
): unknown {
  const errors = results.flatMap(({ outcome }) => ("error" in outcome ? [outcome.error] : []));
  const [first] = errors;
  if (errors.length === 0) return undefined;
  const tried = results.filter(({ outcome }) => outcome.result !== "skipped").length;
  const isKeyRefused =
    errors.length === tried && errors.every((error) => exitCodeOf(error) === exitCodes.auth);
  if (results.length === 1 || isKeyRefused) return first;
  const { unknown, failed } = countOutcomes(results);
  const details = { cause: first, ...(hint === undefined ? {} : { hint }) };
  if (unknown > 0)
    return new OutcomeUnknownError(
      `the outcome of ${unknown} of ${results.length} is unknown${failed > 0 ? `, ${failed} failed` : ""}`,
      details,
    );
  return new PartialFailureError(`${failed} of ${results.length} failed`, details);
}
