import { ApiError, type HermError, TimeoutError } from "./errors.js";
import type { RequestKind } from "./retry.js";
import type { SilenceNews, UnderWay } from "./under-way.js";

/** Sent beyond the ordinary ones in an outage without waiting for a turn. */
const mostFree = 10;
/** Later ones are so far apart, over all requests of a client. */
const turnMs = 1000;
/** An outage that is shorter isn't worth a word. */
const toldAfterMs = 3000;

/** An outage that lasts. */
export interface OutageNews {
  /** Undefined: nothing came for 5 s, and nothing has failed yet. */
  failure: Error | undefined;
  /** How long it is still waited for, in ms. */
  leftMs: number;
  /** The one deployment whose requests alone fail. */
  deploymentId?: string | undefined;
  /** Nothing that changes anything was sent before. */
  isBeforeChanges: boolean;
}

/** Told once of each outage that lasts, and once that nothing comes. */
export type OnOutage = (news: OutageNews) => void;

export interface PersistenceOptions {
  /** For how long after the last success requests are sent again, in ms. */
  maxWaitMs: number;
  monotonic(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  underWay: UnderWay;
  onOutage?: OnOutage | undefined;
}

/** How it stands with the requests that a work on many things sends. */
export interface OutageState {
  /** Whether nothing has succeeded since something failed. */
  readonly isInTrouble: boolean;
  /** Whether that has lasted so long that nothing is sent again. A success that comes all the same ends it. */
  readonly isOver: boolean;
}

/**
 * How requests that work on many things are sent again: each until `maxWaitMs` have passed since the last success of any
 * of them, and politely: ten repetitions when they like (a success earns a fifth of one), after that one a second over
 * all. So a short outage fails nothing, and a long one is given up once, not for each thing anew. That something can be
 * read is no success for what is to be changed: an API may do the one without the other.
 */
export class Persistence implements OutageState {
  readonly #reading: Trouble;
  readonly #changing: Trouble;
  /** In fifths of a repetition, so that sums stay exact. */
  #fifths = mostFree * 5;
  #lastTurnMs = Number.NEGATIVE_INFINITY;
  #isTold = false;
  #isBeforeChanges = true;
  /** How many requests wait for their turn. */
  waiting = 0;
  /** Grows with each failure that may pass. */
  failures = 0;
  #scouts = 0;
  #watcher: (() => void) | undefined;

  constructor(private readonly options: PersistenceOptions) {
    this.#reading = new Trouble(options);
    this.#changing = new Trouble(options);
    options.underWay.onSilence = (news) => this.#tellSilence(news);
  }

  get maxWaitMs(): number {
    return this.options.maxWaitMs;
  }

  /** Of what only reads. */
  get reading(): OutageState {
    return this.#reading;
  }

  get isInTrouble(): boolean {
    return this.#reading.isInTrouble || this.#changing.isInTrouble;
  }

  get isOver(): boolean {
    return this.#reading.isOver || this.#changing.isOver;
  }

  /** As `isInTrouble` and `isOver`, of requests of this kind. */
  of(kind: RequestKind): Trouble {
    return kind === "safe" ? this.#reading : this.#changing;
  }

  /** A request is about to be sent first. As long as nothing failed, time that passed without requests doesn't count. */
  begin(kind: RequestKind): void {
    if (kind !== "safe") this.#isBeforeChanges = false;
    if (!this.isInTrouble) this.of(kind).restart();
  }

  /** The API answered, be it that it refused: it is there. */
  hear(kind: RequestKind): void {
    const wasInTrouble = this.isInTrouble;
    this.#reading.end();
    if (kind !== "safe") this.#changing.end();
    if (!wasInTrouble || this.isInTrouble) return;
    this.#isTold = false;
    this.#scouts = 0;
    this.#watcher?.();
  }

  succeed(kind: RequestKind): void {
    // What was in flight as an outage began earns nothing in it.
    if (!this.isInTrouble) this.#fifths = Math.min(mostFree * 5, this.#fifths + 1);
    this.hear(kind);
  }

  /** A request failed in a way that may pass. */
  fail(kind: RequestKind, failure: HermError): void {
    const trouble = this.of(kind);
    trouble.isInTrouble = true;
    this.failures += 1;
    if (trouble.lastedMs < toldAfterMs || this.#isTold || trouble.leftMs < turnMs) return;
    this.#isTold = true;
    this.#tell({ failure, leftMs: trouble.leftMs });
  }

  /** A trouble that is too young to be told is told when nothing comes: a 429 may ask for a long wait. */
  #tellSilence(news: SilenceNews): void {
    if (this.#isTold) return;
    this.#isTold = this.isInTrouble;
    this.#tell(news);
  }

  #tell({ failure, leftMs }: Pick<SilenceNews, "failure" | "leftMs">): void {
    // What never arrived says nothing of a deployment.
    const isItsOwn =
      failure === undefined ||
      failure instanceof ApiError ||
      (failure instanceof TimeoutError && !failure.neverArrived);
    const deploymentId = isItsOwn ? this.options.underWay.onlyDeployment : undefined;
    this.options.onOutage?.({ failure, leftMs, deploymentId, isBeforeChanges: this.#isBeforeChanges });
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
    await this.options.sleep(turnMs * 2 ** Math.min(this.#scouts, 5), signal);
    await this.options.sleep(this.takeTurnMs(0), signal);
  }

  /** Counts what waits for its turn while it does. */
  async whileWaiting(wait: () => Promise<void>): Promise<void> {
    this.waiting += 1;
    this.#watcher?.();
    try {
      await wait();
    } finally {
      this.waiting -= 1;
    }
  }

  /** Takes a turn to be sent again: how long until it comes, in ms, at least `wantedMs`. */
  takeTurnMs(wantedMs: number): number {
    const nowMs = this.options.monotonic();
    if (this.#fifths >= 5) {
      this.#fifths -= 5;
      this.#lastTurnMs = Math.max(this.#lastTurnMs, nowMs + wantedMs);
      return wantedMs;
    }
    this.#lastTurnMs = Math.max(nowMs + wantedMs, this.#lastTurnMs + turnMs);
    return this.#lastTurnMs - nowMs;
  }
}

/** One kind's: since when nothing of it succeeded. */
class Trouble implements OutageState {
  #sinceMs: number;
  isInTrouble = false;

  constructor(private readonly options: Pick<PersistenceOptions, "maxWaitMs" | "monotonic">) {
    this.#sinceMs = options.monotonic();
  }

  restart(): void {
    this.#sinceMs = this.options.monotonic();
  }

  end(): void {
    this.restart();
    this.isInTrouble = false;
  }

  get lastedMs(): number {
    return this.options.monotonic() - this.#sinceMs;
  }

  /** How long requests are still sent again, in ms; it grows with every success. */
  get leftMs(): number {
    return this.options.maxWaitMs - this.lastedMs;
  }

  get isOver(): boolean {
    return this.isInTrouble && this.leftMs <= 0;
  }
}
