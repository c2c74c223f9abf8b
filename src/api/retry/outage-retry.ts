import { type CircuitOptions, Circuits } from "./circuit.js";
import { type RequestKind, RetryBudget } from "./retry.js";

/** Requests that are sent in an outage without waiting for their turn. */
const mostFree = 10;
/** Time between later turns, over all requests of a client. */
const turnMs = 1000;

export interface OutageRetryOptions extends CircuitOptions {
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/**
 * Sends requests for many things again: each until `maxWaitMs` have passed since the last success of any of them, and
 * politely: ten repetitions at once (a success earns a fifth of one), after that one a second over all. So a short
 * outage fails nothing, and a long one is given up once, not for each thing anew.
 */
export class OutageRetry {
  readonly circuits: Circuits;
  readonly #budget = new RetryBudget(mostFree);
  #lastTurnMs = Number.NEGATIVE_INFINITY;
  #probes = 0;
  #watcher: (() => void) | undefined;
  waiting = 0;

  constructor(private readonly options: OutageRetryOptions) {
    this.circuits = new Circuits(options, () => {
      this.#probes = 0;
      this.#watcher?.();
    });
  }

  succeed(kind: RequestKind): void {
    // What was in flight as an outage began earns nothing in it.
    if (!this.circuits.isOpen) this.#budget.earn();
    this.circuits.noteAnswer(kind);
  }

  /** Calls back when a request begins to wait, and when an outage ends, until the returned function is called. */
  watch(watcher: () => void): () => void {
    this.#watcher = watcher;
    return () => {
      this.#watcher = undefined;
    };
  }

  /** Waits until something new may be tried in an outage, less and less often: it takes a turn too. */
  async probe(signal: AbortSignal): Promise<void> {
    this.#probes += 1;
    // Its turn is taken when it comes: taken ahead, it would keep all others until then.
    await this.options.sleep(turnMs * 2 ** Math.min(this.#probes, 5), signal);
    await this.options.sleep(this.takeTurnMs(0), signal);
  }

  async whileWaiting(wait: () => Promise<void>): Promise<void> {
    this.waiting += 1;
    this.#watcher?.();
    try {
      await wait();
    } finally {
      this.waiting -= 1;
    }
  }

  /** Takes a turn to be sent again. Returns the milliseconds until it comes, at least `wantedMs`. */
  takeTurnMs(wantedMs: number): number {
    const nowMs = this.options.monotonic();
    if (this.#budget.take()) {
      this.#lastTurnMs = Math.max(this.#lastTurnMs, nowMs + wantedMs);
      return wantedMs;
    }
    this.#lastTurnMs = Math.max(nowMs + wantedMs, this.#lastTurnMs + turnMs);
    return this.#lastTurnMs - nowMs;
  }
}
