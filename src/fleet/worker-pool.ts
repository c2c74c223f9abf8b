/** The worker pool: many items, few at once, fair to each deployment. */

import { innerController } from "../api/abort.js";
import type { OutageRetry } from "../api/retry/outage-retry.js";
import { exitCodes } from "../errors/cli-errors.js";
import { exitCodeOf, mayBeUnfinished } from "../errors/exit-code.js";
import { type ItemResult, type Outcome, type Stop, type Success, stopsOf, wasHeldBack } from "./outcome.js";

/** Default of `--concurrency` (src/commands/README.md, "Flags"). */
const defaultConcurrency = 8;

export interface PoolWork<Item, Value> {
  /**
   * Processes one item. Pass no abort signal to the changes that it sends: a request in flight at Ctrl-C has to
   * finish, so that its outcome is known.
   */
  run(item: Item): Promise<Success<Value>>;
  signal: AbortSignal;
  concurrency?: number | undefined;
  /** The item's deployment, in which a 402 or 403 skips the other items. */
  deploymentOf?(item: Item): string;
  /** True if the first item's 403 stops no other deployment's items. Default: true with a `reader`. */
  triesEveryDeployment?: boolean;
  /** Retries the requests of `run`; after it gives up, no new item is started. */
  outageRetry?: OutageRetry | undefined;
  /** Set if `run` only reads; if it has read before, the first item needn't run alone. */
  reader?: { readonly hasRead: boolean } | undefined;
  /** Called right before an item starts. Throwing prevents it and all later ones from starting. */
  onStart?(item: Item): void;
  /** Called when an item is finished or skipped. Throwing stops the rest. */
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

  /** Starts all items that may start now, whenever that may have changed. Skips the rest once none is in flight. */
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
    // After requests gave up in an outage, the first item is still tried: if it succeeds, the others continue.
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

  /** True if the hook succeeded; after a failure no new item is started and no hook is called. */
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
 * Processes many items, a bounded number at once; a failure doesn't stop the others, but 401 stops all, and 402 and
 * 403 those of their deployment. The first item runs alone unless its `reader` has read before, so that a refused key
 * sends no other request. Resolves with one result per item, in order, once all items in flight are finished,
 * interrupted or not; rejects, equally late, only with a hook's error.
 */
export async function execute<Item, Value>(
  execution: Execution<Item, Value>,
): Promise<ItemResult<Item, Value>[]> {
  return new WorkerPool(execution).run(execution.items);
}

class ItemQueue<Entry extends { deployment: string }> {
  readonly #entries: Entry[] = [];
  readonly #takenAhead = new Set<number>();
  /** Deployments with a started entry; true if one of their entries succeeded. */
  readonly #deployments = new Map<string, boolean>();
  #next = 0;
  /** The index at which the search for another deployment's entry continues: there is none before it. */
  #searched = 0;
  #remaining = 0;

  get isEmpty(): boolean {
    return this.#remaining === 0;
  }

  add(entry: Entry): void {
    this.#entries.push(entry);
    this.#remaining += 1;
  }

  /** Returns the next entry; `prefersOtherDeployment`: if possible from one with a success, or without attempts. */
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

/** A multiple of the concurrency: when that many items wait for a retry, no new one is started. */
const mostWaiting = 4;

interface SlotsOptions {
  concurrency: number;
  outageRetry?: OutageRetry | undefined;
  /** Set only for reading: then only reads' circuit counts, and after a success the first item needn't run alone. */
  reader?: { readonly hasRead: boolean } | undefined;
  signal: AbortSignal;
  onRoom(): void;
}

/**
 * Decides how many items may be processed at once. The first runs alone until it succeeds, unless a request succeeded
 * before. Items waiting for a retry free their slots, but only while others succeed: otherwise the API is down, and a
 * new item is only tried now and then (a probe), because perhaps only the waiting ones fail.
 */
class Slots {
  #started = 0;
  running = 0;
  /** Slots beyond the concurrency, at most one per waiting item. */
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

  /** True if so many items wait that the next one should be in another deployment. */
  get isCrowded(): boolean {
    return this.#probe === "there" || this.#waiting >= this.options.concurrency;
  }

  /** True if one more item may start; if that requires a probe, `onRoom` is called after it. */
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

  /** Adds a slot for a success without any failure in between, which shows that the API works. */
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
