import type { HermError } from "./errors.js";

/** Sent beyond the ordinary ones in an outage without waiting for a turn. */
const mostFree = 10;
/** Later ones are so far apart, over all requests of a client. */
const turnMs = 1000;
/** An outage that is shorter isn't worth a word. */
const toldAfterMs = 3000;

export interface PersistenceOptions {
  /** For how long after the last success requests are sent again, in ms. */
  maxWaitMs: number;
  monotonic(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Told once of each outage that lasts. */
  onOutage?: ((failure: HermError) => void) | undefined;
}

/**
 * How requests that work on many things are sent again: each until `maxWaitMs` have passed since the last success of any
 * of them, and politely: ten repetitions when they like (a success earns a fifth of one), after that one a second over
 * all. So a short outage fails nothing, and a long one is given up once, not for each thing anew.
 */
export class Persistence {
  readonly #options: PersistenceOptions;
  /** In fifths of a repetition, so that sums stay exact. */
  #fifths = mostFree * 5;
  #lastTurnMs = Number.NEGATIVE_INFINITY;
  #sinceMs: number;
  #isInTrouble = false;
  #isTold = false;
  #waiting = 0;
  #failures = 0;
  #scouts = 0;
  #watcher: (() => void) | undefined;

  constructor(options: PersistenceOptions) {
    this.#options = options;
    this.#sinceMs = options.monotonic();
  }

  get maxWaitMs(): number {
    return this.#options.maxWaitMs;
  }

  /** A request is about to be sent first. As long as nothing failed, time that passed without requests doesn't count. */
  begin(): void {
    if (!this.#isInTrouble) this.#sinceMs = this.#options.monotonic();
  }

  /** The API answered, be it that it refused: it is there. */
  hear(): void {
    this.#sinceMs = this.#options.monotonic();
    const wasInTrouble = this.#isInTrouble;
    this.#isInTrouble = false;
    this.#isTold = false;
    this.#scouts = 0;
    if (wasInTrouble) this.#watcher?.();
  }

  succeed(): void {
    // What was in flight as an outage began earns nothing in it.
    if (!this.#isInTrouble) this.#fifths = Math.min(mostFree * 5, this.#fifths + 1);
    this.hear();
  }

  /** A request failed in a way that may pass. */
  fail(failure: HermError): void {
    this.#isInTrouble = true;
    this.#failures += 1;
    const lastedMs = this.#options.monotonic() - this.#sinceMs;
    if (lastedMs < toldAfterMs || this.#isTold || this.isOver) return;
    this.#isTold = true;
    this.#options.onOutage?.(failure);
  }

  /** Whether nothing has succeeded since something failed. */
  get isInTrouble(): boolean {
    return this.#isInTrouble;
  }

  /** How many requests wait for their turn. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Grows with each failure that may pass. */
  get failures(): number {
    return this.#failures;
  }

  /** Calls back when a request begins to wait, and when a trouble ends, until the function it returns is called. */
  watch(watcher: () => void): () => void {
    this.#watcher = watcher;
    return () => {
      this.#watcher = undefined;
    };
  }

  /** Waits until something new may be tried in a trouble, less and less often: it takes a turn too. */
  async scout(signal: AbortSignal): Promise<void> {
    this.#scouts += 1;
    // Its turn is taken when it comes: taken ahead, it would keep all others until then.
    await this.#options.sleep(turnMs * 2 ** Math.min(this.#scouts, 5), signal);
    await this.#options.sleep(this.takeTurnMs(0), signal);
  }

  /** Counts what waits for its turn while it does. */
  async whileWaiting(wait: () => Promise<void>): Promise<void> {
    this.#waiting += 1;
    this.#watcher?.();
    try {
      await wait();
    } finally {
      this.#waiting -= 1;
    }
  }

  /** How long requests are still sent again, in ms; it grows with every success. */
  leftMs(): number {
    return this.#sinceMs + this.#options.maxWaitMs - this.#options.monotonic();
  }

  /** Whether the outage has lasted so long that nothing is sent again. A success that comes all the same ends it. */
  get isOver(): boolean {
    return this.#isInTrouble && this.leftMs() <= 0;
  }

  /** Takes a turn to be sent again: how long until it comes, in ms, at least `wantedMs`. */
  takeTurnMs(wantedMs: number): number {
    const nowMs = this.#options.monotonic();
    if (this.#fifths >= 5) {
      this.#fifths -= 5;
      this.#lastTurnMs = Math.max(this.#lastTurnMs, nowMs + wantedMs);
      return wantedMs;
    }
    this.#lastTurnMs = Math.max(nowMs + wantedMs, this.#lastTurnMs + turnMs);
    return this.#lastTurnMs - nowMs;
  }
}
