/** Retries through an outage, and the requests that are open. */

import { ApiError, type HermError, TimeoutError } from "../errors.js";
import type { Signal, StartTimer } from "../fetch.js";
import type { OnSilence, RequesterSettings, SilenceNews } from "../request-options.js";
import { type RequestKind, RetryBudget } from "./retry.js";

/** The number of requests in an outage that needn't wait their turn. */
const mostFree = 10;
/** Time between later turns, across all of a client's requests. */
const turnMs = 1000;

/** Only outages longer than this, and not nearly over, are reported. */
const leastLastedMs = 3000;
const leastLeftMs = 1000;

export interface OutageNews extends SilenceNews {
  isBeforeChanges: boolean;
}

/** `maxWaitMs`: how many milliseconds after the last success requests are still retried. */
export interface OutageRetryOptions extends Pick<RequesterSettings, "maxWaitMs" | "monotonic" | "sleep"> {
  openRequests: OpenRequests;
  /** Called once in each lasting outage, and once if the API is silent. */
  onOutage?(news: OutageNews): void;
}

/**
 * Retries requests for many automations: each until `maxWaitMs` have passed since the last success of any, at a
 * limited rate: ten retries at once (a success earns a fifth of one), then one a second overall. So a short outage
 * fails no request, and a long one is given up once, not for each automation. Reads and changes have a circuit each,
 * because an API may answer reads but refuse changes.
 */
export class OutageRetry {
  readonly reading: Circuit;
  readonly #changing: Circuit;
  readonly #budget = new RetryBudget(mostFree);
  #lastTurnMs = Number.NEGATIVE_INFINITY;
  #probes = 0;
  #isReported = false;
  #isBeforeChanges = true;
  #watcher: (() => void) | undefined;
  failures = 0;
  waiting = 0;

  constructor(private readonly options: OutageRetryOptions) {
    this.reading = new Circuit(options);
    this.#changing = new Circuit(options);
    options.openRequests.onSilence = (news) => this.#reportSilence(news);
  }

  get isOpen(): boolean {
    return this.reading.isOpen || this.#changing.isOpen;
  }

  get isGivenUp(): boolean {
    return this.reading.isGivenUp || this.#changing.isGivenUp;
  }

  circuitOf(kind: RequestKind): Circuit {
    return kind === "safe" ? this.reading : this.#changing;
  }

  /** Notes when a request is first sent. Until one fails, time without requests doesn't count. */
  begin(kind: RequestKind): void {
    if (kind !== "safe") this.#isBeforeChanges = false;
    if (!this.isOpen) this.circuitOf(kind).close();
  }

  succeed(kind: RequestKind): void {
    // Requests that were in flight when an outage started earn no retries during it.
    if (!this.isOpen) this.#budget.earn();
    this.noteAnswer(kind);
  }

  /** Notes a response, even a refusal: the API is reachable. */
  noteAnswer(kind: RequestKind): void {
    const wasOpen = this.isOpen;
    this.reading.close();
    if (kind !== "safe") this.#changing.close();
    if (!wasOpen || this.isOpen) return;
    this.#isReported = false;
    this.#probes = 0;
    this.#watcher?.();
  }

  noteFailure(kind: RequestKind, failure: HermError): void {
    const circuit = this.circuitOf(kind);
    circuit.isOpen = true;
    this.failures += 1;
    const { lastedMs, leftMs } = circuit;
    if (lastedMs < leastLastedMs || this.#isReported || leftMs < leastLeftMs) return;
    this.#isReported = true;
    this.#report({ failure, leftMs });
  }

  /** Calls back when a request starts to wait, and when an outage ends, until the returned function is called. */
  watch(watcher: () => void): () => void {
    this.#watcher = watcher;
    return () => {
      this.#watcher = undefined;
    };
  }

  /** Waits until a new request may probe an outage, at growing intervals; it also uses a turn. */
  async probe(signal: Signal): Promise<void> {
    this.#probes += 1;
    // Taken after the wait, because it would otherwise delay all other requests as long.
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

  /** Reserves a turn to retry. Returns the milliseconds until the turn, at least `wantedMs`. */
  takeTurnMs(wantedMs: number): number {
    const nowMs = this.options.monotonic();
    if (this.#budget.take()) {
      this.#lastTurnMs = Math.max(this.#lastTurnMs, nowMs + wantedMs);
      return wantedMs;
    }
    this.#lastTurnMs = Math.max(nowMs + wantedMs, this.#lastTurnMs + turnMs);
    return this.#lastTurnMs - nowMs;
  }

  /** Reports silence even in an outage too short to report, because a 429 may ask for a long wait. */
  #reportSilence(news: SilenceNews): void {
    if (this.#isReported) return;
    this.#isReported = this.isOpen;
    this.#report(news);
  }

  #report({ failure, leftMs }: Pick<SilenceNews, "failure" | "leftMs">): void {
    // A request that never arrived shows nothing about its deployment.
    const isItsOwn =
      failure === undefined ||
      failure instanceof ApiError ||
      (failure instanceof TimeoutError && !failure.neverArrived);
    const deployment_id = isItsOwn ? this.options.openRequests.onlyDeployment : undefined;
    this.options.onOutage?.({ failure, leftMs, deployment_id, isBeforeChanges: this.#isBeforeChanges });
  }
}

class Circuit {
  #sinceMs: number;
  isOpen = false;

  constructor(private readonly options: Pick<OutageRetryOptions, "maxWaitMs" | "monotonic">) {
    this.#sinceMs = options.monotonic();
  }

  close(): void {
    this.#sinceMs = this.options.monotonic();
    this.isOpen = false;
  }

  get lastedMs(): number {
    return this.options.monotonic() - this.#sinceMs;
  }

  get leftMs(): number {
    return this.options.maxWaitMs - this.lastedMs;
  }

  /** True after retrying has ended. A later success still closes the outage. */
  get isGivenUp(): boolean {
    return this.isOpen && this.leftMs <= 0;
  }
}

/** Only silences longer than this, and not nearly over, are reported, because a request may take long to fail. */
const quietMs = 5000;

interface OpenEntry {
  deployment_id: string | undefined;
  untilMs: number;
  failure?: Error | undefined;
}

export interface OpenRequest {
  progress(failure?: Error): void;
  end(): void;
}

interface OpenRequestsOptions {
  monotonic(): number;
  timer: StartTimer;
  onSilence?: OnSilence | undefined;
}

export class OpenRequests {
  onSilence: OnSilence | undefined;
  // Not TypeScript's `private`, because they are the client's settings, with its key.
  readonly #options: OpenRequestsOptions;
  readonly #open = new Set<OpenEntry>();
  readonly #deployments = new Set<string>();
  #progressMs = 0;
  #isReported = false;
  #cancel: (() => void) | undefined;

  constructor(options: OpenRequestsOptions) {
    this.#options = options;
    this.onSilence = options.onSilence;
  }

  /** Adds a request. `limitMs`: the limit for all of its attempts together. */
  begin(path: string, limitMs: number): OpenRequest {
    const deployment_id = /^\/v1\/deployments\/([^/?]+)/.exec(path)?.[1];
    const nowMs = this.#options.monotonic();
    const request: OpenEntry = { deployment_id, untilMs: nowMs + limitMs };
    if (deployment_id !== undefined && !this.#isReported) this.#deployments.add(deployment_id);
    if (this.#open.size === 0 && !this.#isReported && this.onSilence !== undefined) {
      this.#progressMs = nowMs;
      this.#watch(quietMs);
    }
    this.#open.add(request);
    return {
      progress: (failure) => {
        this.#progressMs = this.#options.monotonic();
        request.failure = failure;
      },
      end: () => {
        this.#open.delete(request);
        if (this.#open.size === 0) this.#cancel?.();
      },
    };
  }

  get onlyDeployment(): string | undefined {
    if (this.#deployments.size < 2) return undefined;
    const [only, ...others] = new Set([...this.#open].map(({ deployment_id }) => deployment_id));
    return others.length === 0 ? only : undefined;
  }

  #watch(ms: number): void {
    this.#cancel = this.#options.timer(ms, () => {
      const nowMs = this.#options.monotonic();
      const quietForMs = this.#progressMs + quietMs - nowMs;
      if (quietForMs > 0) return this.#watch(quietForMs);
      this.#isReported = true;
      const open = [...this.#open];
      const leftMs = open.reduce((most, { untilMs }) => Math.max(most, untilMs - nowMs), 0);
      if (leftMs < leastLeftMs) return;
      const failure = open.find((request) => request.failure !== undefined)?.failure;
      this.onSilence?.({ failure, leftMs, deployment_id: this.onlyDeployment });
    });
  }
}
