import { innerController } from "../api/abort.js";
import type { Persistence } from "../api/persistence.js";
import { exitCodes } from "../errors.js";
import { exitCodeOf, isUnknown } from "../exit-code.js";
import { ItemQueue, type Taken } from "./item-queue.js";
import { reachOf } from "./refusal.js";
import { Slots } from "./slots.js";

/** How many items are worked on at once unless told otherwise (src/commands/README.md, "Flags"). */
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
  /** Never started. `cause`: the failure of another item, which stopped this one. */
  | { result: "skipped"; reason: SkipReason; cause?: unknown };

/** `deployment refused`: 402 or 403 there. `API not reachable`: nothing succeeded any more, for too long. */
export type SkipReason = (typeof skipReasons)[number];

const skipReasons = [
  "interrupted",
  "key refused",
  "deployment refused",
  "too many failures",
  "API not reachable",
] as const;

/** Whether something went wrong with an item, as far as is known. */
export function wentWrong({ result }: { result?: string | undefined }): boolean {
  return result === "failed" || result === "unknown";
}

/** Whether a row's reason says that it was never started. */
export function isSkipReason(reason: string | undefined): boolean {
  return skipReasons.some((each) => each === reason);
}

/** An item with what became of it. */
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
  /** Whether a failure leaves unknown if the item was changed; default: what ends with 12. */
  isUnknown?(error: unknown): boolean;
  /** When it aborts nothing new is started. */
  signal: AbortSignal;
  /** Why nothing is started at all. */
  stopped?: Stop | undefined;
  concurrency?: number | undefined;
  /** The deployment that an item is in: 402 and 403 there skip its other items. */
  deploymentOf?(item: Item): string;
  /** The first item's 403 stops no other deployment's items. Left out: where `run` only reads. */
  triesEveryDeployment?: boolean;
  /** How the requests of `run` are sent again: once that is over, nothing new is started. */
  persistence?: Persistence | undefined;
  /** By whom `run` reads, where it only reads; whether the key was taken for it before: then the first item needn't go alone. */
  reader?: { readonly hasRead: boolean } | undefined;
  /** So many failures (unknown ones count) stop the rest. */
  maxFailures?: number | undefined;
  /** Right before an item is worked on. Throwing keeps it and all later ones from being started. */
  onStart?(item: Item): void;
  /** As soon as an item is over, skipped ones included. Throwing stops the rest. */
  onOutcome?(item: Item, outcome: Outcome<Value>): void;
}

/**
 * Works on many items, a bounded number at once; what fails doesn't stop the others, but 401 stops all, and 402 and 403
 * those of their deployment. The first item goes alone unless its `reader` has read before: if the key is refused there,
 * nothing else is sent. Resolves with one result an item, in the order of the items, when everything in flight is over, interrupted or not; rejects, as late,
 * only with what a hook threw.
 */
export async function execute<Item, Value>(
  execution: Execution<Item, Value>,
): Promise<ItemResult<Item, Value>[]> {
  const crew = new Crew(execution);
  await crew.work();
  return crew.finish();
}

class Crew<Item, Value> {
  readonly #execution: Execution<Item, Value>;
  readonly #queue: ItemQueue<Item>;
  readonly #slots: Slots;
  readonly #outcomes: Outcome<Value>[] = [];
  readonly #over: AbortController;
  #failures = 0;
  #stopped: Stop | undefined;
  readonly #refused = new Map<string, Stop>();
  #lastError: unknown;
  #hookFailure: { error: unknown } | undefined;
  #resolve: () => void = () => undefined;

  constructor(execution: Execution<Item, Value>) {
    const { items, deploymentOf, concurrency = defaultConcurrency, signal } = execution;
    this.#execution = execution;
    this.#stopped = execution.stopped;
    this.#queue = new ItemQueue(items, deploymentOf);
    this.#over = innerController(signal);
    const onRoom = () => this.#pump();
    this.#slots = new Slots({ ...execution, concurrency, signal: this.#over.signal, onRoom });
  }

  /** Resolves when nothing is left to start, or nothing may be, and what was started is over. */
  async work(): Promise<void> {
    const leave = this.#execution.persistence?.watch(() => this.#pump());
    await new Promise<void>((resolve) => {
      this.#resolve = resolve;
      this.#pump();
    });
    leave?.();
    this.#over.abort();
  }

  /** Starts what may be started now; called whenever that may have changed. */
  #pump(): void {
    while (!this.#queue.isEmpty && this.#stop() === undefined) {
      if (!this.#slots.hasRoom()) return;
      void this.#begin(this.#queue.take(this.#slots.isCrowded));
    }
    if (this.#slots.running === 0) this.#resolve();
  }

  async #begin({ item, at }: Taken<Item>): Promise<void> {
    const begun = this.#slots.begin();
    const refused = this.#refusedWith(item);
    let isSuccess = false;
    if (refused !== undefined || this.#hook(() => this.#execution.onStart?.(item))) {
      const outcome = refused ?? (await this.#run(item));
      isSuccess = "value" in outcome;
      if (isSuccess) this.#queue.succeeded(item);
      this.#judge(outcome, { item, at });
      this.#outcomes[at] = outcome;
      this.#hook(() => this.#execution.onOutcome?.(item, outcome));
    }
    this.#slots.end(begun, { isSuccess });
    this.#pump();
  }

  /** What was never started is skipped; throws what a hook threw. */
  finish(): ItemResult<Item, Value>[] {
    const { items, onOutcome } = this.#execution;
    const results = items.map((item, at) => {
      const known = this.#outcomes[at];
      if (known !== undefined) return { item, outcome: known };
      const stop = this.#refusedWith(item) ?? this.#stop() ?? interrupted;
      const outcome: Outcome<Value> = { result: "skipped", ...stop };
      this.#hook(() => onOutcome?.(item, outcome));
      return { item, outcome };
    });
    if (this.#hookFailure !== undefined) throw this.#hookFailure.error;
    return results;
  }

  /** Why nothing new is started. */
  #stop(): Stop | undefined {
    const { signal } = this.#execution;
    if (this.#stopped !== undefined) return this.#stopped;
    if (signal.aborted || this.#hookFailure !== undefined) return interrupted;
    // One is tried all the same: with its success it goes on.
    const isOver = this.#slots.hasStarted && this.#slots.outage?.isOver === true;
    return isOver ? { reason: "API not reachable", cause: this.#lastError } : undefined;
  }

  #refusedWith(item: Item): (Stop & { result: "skipped" }) | undefined {
    const stop = this.#refused.get(this.#execution.deploymentOf?.(item) ?? "");
    return stop && { result: "skipped", ...stop };
  }

  async #run(item: Item): Promise<Outcome<Value>> {
    try {
      return await this.#execution.run(item);
    } catch (error) {
      const { signal } = this.#execution;
      if (signal.aborted && error === signal.reason) return { result: "skipped", reason: "interrupted" };
      const { isUnknown: isUnknownHere = isUnknown } = this.#execution;
      return { result: isUnknownHere(error) ? "unknown" : "failed", error };
    }
  }

  #judge(outcome: Outcome<Value>, { item, at }: { item: Item; at: number }): void {
    if (outcome.result !== "failed" && outcome.result !== "unknown") return;
    const { error: cause } = outcome;
    const { maxFailures = Number.POSITIVE_INFINITY, deploymentOf } = this.#execution;
    this.#failures += 1;
    this.#lastError = cause;
    if (this.#isKeyRefused(cause, at)) this.#stopped ??= { reason: "key refused", cause };
    else if (deploymentOf !== undefined && reachOf(cause) === "deployment")
      this.#refused.set(deploymentOf(item), { reason: "deployment refused", cause });
    if (this.#failures >= maxFailures) this.#stopped ??= { reason: "too many failures" };
  }

  #isKeyRefused(error: unknown, at: number): boolean {
    const { reader, triesEveryDeployment = reader !== undefined } = this.#execution;
    const reach = reachOf(error);
    if (reach === "everything") return true;
    if (at > 0 || (triesEveryDeployment && reach === "deployment")) return false;
    return exitCodeOf(error) === exitCodes.auth;
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

/** Why nothing new is started; `cause`: the failure that it is because of. */
export interface Stop {
  reason: SkipReason;
  cause?: unknown;
}

const interrupted: Stop = { reason: "interrupted" };

/** Why a reading has no value: what it failed with, or what kept it from being started. Undefined where it has one. */
export function errorOf(outcome: Outcome<unknown>): unknown {
  if ("value" in outcome) return undefined;
  return "error" in outcome ? outcome.error : (outcome.cause ?? new Error(outcome.reason));
}
