/** The worker pool: processes many items, a few at a time, and is fair to each deployment. */

import { innerController } from "../api/abort.js";
import type { OutageRetry } from "../api/retry/outage-retry.js";
import { exitCodes } from "../errors/cli-errors.js";
import { exitCodeOf, mayBeUnfinished } from "../errors/exit-code.js";
import { type ItemResult, type Outcome, type Stop, type Success, stopsOf, wasHeldBack } from "./outcome.js";

/** The default for `--concurrency` (src/commands/README.md, "Flags"). */
const defaultConcurrency = 8;

export interface PoolWork<Item, Value> {
  /**
   * Processes one item. Don't pass an abort signal to the changes that it sends: a request that is in flight at Ctrl-C
   * has to finish, so that its outcome is known.
   */
  run(item: Item): Promise<Success<Value>>;
  signal: AbortSignal;
  concurrency?: number | undefined;
  /** The deployment of an item; after a 402 or 403, other items in it are skipped. */
  deploymentOf?(item: Item): string;
  /** True if a 403 for the first item doesn't stop items in other deployments. Default: true if there is a `reader`. */
  triesEveryDeployment?: boolean;
  /** Retries the requests that `run` sends; once it has given up, no more items are started. */
  outageRetry?: OutageRetry | undefined;
  /** Set if `run` only reads; if it has already read something, the first item needn't run alone. */
  reader?: { readonly hasRead: boolean } | undefined;
  /** Called just before an item starts. If it throws, neither that item nor any later one starts. */
  onStart?(item: Item): void;
  /** Called when an item has finished or is skipped. If it throws, the rest is stopped. */
  onOutcome?(item: Item, outcome: Outcome<Value>): void;
}

class WorkerPool<Item, Value> {
  readonly #queue = new ItemQueue<Entry<Item, Value>>();
  readonly #slots: Slots;
  readonly #over: AbortController;
  readonly #leave: (() => void) | undefined;
  #stopped: Stop | undefined;
  readonly #refused = new Map<string, Stop>();
  #lastError: unknown;
  #hookFailure: { error: unknown } | undefined;

  constructor(private readonly execution: PoolWork<Item, Value>) {
    const { concurrency = defaultConcurrency, signal, outageRetry } = execution;
    this.#over = innerController(signal);
    const onRoom = () => this.#pump();
    this.#slots = new Slots({ ...execution, concurrency, signal: this.#over.signal, onRoom });
    this.#leave = outageRetry?.watch(onRoom);
  }

  async run(items: readonly Item[]): Promise<ItemResult<Item, Value>[]> {
    const outcomes: Outcome<Value>[] = [];
    await new Promise<void>((resolve) => {
      if (items.length === 0) resolve();
      let remaining = items.length;
      for (const [at, item] of items.entries()) {
        const finish = (outcome: Outcome<Value>) => {
          outcomes[at] = outcome;
          remaining -= 1;
          if (remaining === 0) resolve();
        };
        const deployment = this.execution.deploymentOf?.(item) ?? "";
        this.#queue.add({ item, deployment, isFirst: at === 0, finish });
      }
      this.#pump();
    });
    this.#leave?.();
    this.#over.abort();
    if (this.#hookFailure !== undefined) throw this.#hookFailure.error;
    return items.map((item, at) => ({ item, outcome: outcomes[at] ?? skipped }));
  }

  /** Starts every item that may start now; called when that may have changed. Skips the rest once none is in flight. */
  #pump(): void {
    while (!this.#queue.isEmpty && this.#stop() === undefined) {
      if (!this.#slots.hasRoom()) return;
      void this.#begin(this.#queue.take(this.#slots.isCrowded));
    }
    while (!this.#queue.isEmpty && this.#slots.running === 0) {
      const entry = this.#queue.take(false);
      const stop = this.#refusedWith(entry) ?? this.#stop();
      this.#finish(entry, { ...skipped, ...stop });
    }
  }

  async #begin(entry: Entry<Item, Value>): Promise<void> {
    const { item } = entry;
    const failuresAtStart = this.#slots.begin();
    const refused = this.#refusedWith(entry);
    const outcome =
      refused ?? (this.#hook(() => this.execution.onStart?.(item)) ? await this.#run(item) : skipped);
    const isSuccess = "value" in outcome;
    if (isSuccess) this.#queue.succeeded(entry);
    this.#judge(outcome, entry);
    this.#finish(entry, outcome);
    this.#slots.end(failuresAtStart, { isSuccess });
    this.#pump();
  }

  #finish({ item, finish }: Entry<Item, Value>, outcome: Outcome<Value>): void {
    this.#hook(() => this.execution.onOutcome?.(item, outcome));
    finish(outcome);
  }

  #stop(): Stop | undefined {
    const { signal } = this.execution;
    if (this.#stopped !== undefined) return this.#stopped;
    if (signal.aborted || this.#hookFailure !== undefined) return interrupted;
    // Even if requests gave up in an outage, the first item is still tried; if it succeeds, the others go on.
    const isGivenUp = this.#slots.hasStarted && this.#slots.circuit?.isGivenUp === true;
    return isGivenUp ? { reason: "API unreachable", cause: this.#lastError } : undefined;
  }

  #refusedWith({ deployment }: Entry<Item, Value>): (Stop & { result: "skipped" }) | undefined {
    const stop = this.#refused.get(deployment);
    return stop && { result: "skipped", ...stop };
  }

  async #run(item: Item): Promise<Outcome<Value>> {
    try {
      return await this.execution.run(item);
    } catch (error) {
      const { signal } = this.execution;
      if (signal.aborted && error === signal.reason) return { result: "skipped", reason: "interrupted" };
      if (wasHeldBack(error)) return { result: "skipped", reason: "rate limited", cause: error };
      return { result: mayBeUnfinished(error) ? "unknown" : "failed", error };
    }
  }

  #judge(outcome: Outcome<Value>, { deployment, isFirst }: Entry<Item, Value>): void {
    if (outcome.result === "skipped" && outcome.reason === "rate limited") this.#stopped ??= outcome;
    if (outcome.result !== "failed" && outcome.result !== "unknown") return;
    const { error: cause } = outcome;
    this.#lastError = cause;
    if (this.#isKeyRefused(cause, isFirst)) this.#stopped ??= { reason: "key refused", cause };
    else if (this.execution.deploymentOf !== undefined && stopsOf(cause) === "deployment")
      this.#refused.set(deployment, { reason: "deployment refused", cause });
  }

  #isKeyRefused(error: unknown, isFirst: boolean): boolean {
    const { reader, triesEveryDeployment = reader !== undefined } = this.execution;
    const reach = stopsOf(error);
    if (reach === "everything") return true;
    if (!isFirst || (triesEveryDeployment && reach === "deployment")) return false;
    return exitCodeOf(error) === exitCodes.auth;
  }

  /** True if the hook succeeded. Once one has failed, no more items are started and no hooks are called. */
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

interface Entry<Item, Value> {
  item: Item;
  deployment: string;
  isFirst: boolean;
  finish(outcome: Outcome<Value>): void;
}

const interrupted: Stop = { reason: "interrupted" };
const skipped: Outcome<never> = { result: "skipped", ...interrupted };

export interface Execution<Item, Value> extends PoolWork<Item, Value> {
  items: readonly Item[];
}

/**
 * Processes many items, a limited number at a time. A failure doesn't stop the others, but a 401 stops all of them, and
 * a 402 or 403 those in the same deployment. The first item runs alone unless its `reader` has read before, so that no
 * other request is sent with a key that is refused. Resolves with one result for each item, in order, once all items in
 * flight have finished, interrupted or not; rejects, just as late, only with an error from a hook.
 */
export async function execute<Item, Value>(
  execution: Execution<Item, Value>,
): Promise<ItemResult<Item, Value>[]> {
  return new WorkerPool(execution).run(execution.items);
}

class ItemQueue<Entry extends { deployment: string }> {
  readonly #entries: Entry[] = [];
  readonly #takenAhead = new Set<number>();
  /** The deployments in which an entry was started; true if one of their entries succeeded. */
  readonly #deployments = new Map<string, boolean>();
  #next = 0;
  /** The index from which to look for an entry in another deployment; there is none before it. */
  #searched = 0;
  #remaining = 0;

  get isEmpty(): boolean {
    return this.#remaining === 0;
  }

  add(entry: Entry): void {
    this.#entries.push(entry);
    this.#remaining += 1;
  }

  /** Returns the next entry; with `prefersOtherDeployment`, from one with a success or no attempts, if there is one. */
  take(prefersOtherDeployment: boolean): Entry {
    while (this.#takenAhead.delete(this.#next)) this.#next += 1;
    const at = (prefersOtherDeployment ? this.#findElsewhere() : undefined) ?? this.#next;
    if (at === this.#next) this.#next += 1;
    else this.#takenAhead.add(at);
    const entry = this.#entries[at];
    if (entry === undefined) throw new Error("nothing is left to be taken");
    this.#remaining -= 1;
    this.#deployments.set(entry.deployment, this.#deployments.get(entry.deployment) ?? false);
    return entry;
  }

  succeeded({ deployment }: Entry): void {
    if (this.#deployments.get(deployment) === true) return;
    this.#deployments.set(deployment, true);
    this.#searched = 0;
  }

  #findElsewhere(): number | undefined {
    for (let at = Math.max(this.#searched, this.#next); at < this.#entries.length; at += 1) {
      const entry = this.#entries[at];
      const isElsewhere = entry !== undefined && this.#deployments.get(entry.deployment) !== false;
      if (!isElsewhere || this.#takenAhead.has(at)) continue;
      this.#searched = at;
      return at;
    }
    this.#searched = this.#entries.length;
    return undefined;
  }
}

/** A multiple of the concurrency: once that many items are waiting for a retry, no more are started. */
const mostWaiting = 4;

interface SlotsOptions {
  concurrency: number;
  outageRetry?: OutageRetry | undefined;
  /** Set only for reads: then only their circuit counts, and after a success the first item needn't run alone. */
  reader?: { readonly hasRead: boolean } | undefined;
  signal: AbortSignal;
  onRoom(): void;
}

/**
 * Decides how many items may be processed at once. The first runs alone until it succeeds, unless a request already
 * has. Items that wait for a retry free their slots, but only while others succeed. If none does, the API is down, and
 * a new item is tried only now and then (a probe), because perhaps only the waiting ones fail.
 */
class Slots {
  #started = 0;
  running = 0;
  /** Slots on top of the concurrency, at most one for each waiting item. */
  #extra = 0;
  #probe: "none" | "coming" | "there" = "none";

  readonly #isProven: boolean;

  constructor(private readonly options: SlotsOptions) {
    this.#isProven = options.reader?.hasRead === true;
  }

  get hasStarted(): boolean {
    return this.#started > 0;
  }

  get circuit(): Pick<OutageRetry, "isOpen" | "isGivenUp"> | undefined {
    const { outageRetry, reader } = this.options;
    return reader !== undefined ? outageRetry?.reading : outageRetry;
  }

  /** True if so many items are waiting that the next one should be in another deployment. */
  get isCrowded(): boolean {
    return this.#probe === "there" || this.#waiting >= this.options.concurrency;
  }

  /** True if one more item may start. If a probe is needed for that, calls `onRoom` after it. */
  hasRoom(): boolean {
    const { concurrency } = this.options;
    if (this.#started === 0) return true;
    if (this.circuit?.isOpen === true) return this.running < concurrency || this.#hasProbe();
    if (this.#started === 1 && this.running === 1 && !this.#isProven) return false;
    this.#extra = Math.min(this.#extra, this.#waiting);
    return this.running < concurrency + this.#extra;
  }

  begin(): number | undefined {
    if (this.#probe === "there") this.#extra += 1;
    this.#probe = this.#probe === "coming" ? "coming" : "none";
    this.#started += 1;
    this.running += 1;
    return this.options.outageRetry?.failures;
  }

  /** Adds a slot after a success with no failure in the meantime, because that shows that the API works. */
  end(failuresAtStart: number | undefined, { isSuccess }: { isSuccess: boolean }): void {
    this.running -= 1;
    if (isSuccess && failuresAtStart === this.options.outageRetry?.failures) this.#extra += 1;
  }

  get #waiting(): number {
    return this.options.outageRetry?.waiting ?? 0;
  }

  #hasProbe(): boolean {
    const { concurrency, outageRetry, signal, onRoom } = this.options;
    if (this.#probe !== "none" || outageRetry === undefined) return this.#probe === "there";
    if (this.#waiting >= mostWaiting * concurrency) return false;
    this.#probe = "coming";
    const come = () => {
      this.#probe = "there";
      onRoom();
    };
    outageRetry.probe(signal).then(come, come);
    return false;
  }
}
