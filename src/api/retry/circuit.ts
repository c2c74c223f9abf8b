import { ApiError, type HermError, TimeoutError } from "../errors.js";
import type { OpenRequests, SilenceNews } from "./open-requests.js";
import type { RequestKind } from "./retry.js";

/** Limits of what isn't reported: outages that are shorter, or nearly over. */
const leastLastedMs = 3000;
const leastLeftMs = 1000;

export interface OutageNews {
  failure: Error | undefined;
  leftMs: number;
  deployment_id?: string | undefined;
  isBeforeChanges: boolean;
}

export interface CircuitOptions {
  /** Milliseconds after the last success in which requests are sent again. */
  maxWaitMs: number;
  monotonic(): number;
  openRequests: OpenRequests;
  /** Called once in each outage that lasts, and once when nothing comes. */
  onOutage?(news: OutageNews): void;
}

/**
 * Detects an outage by the outcomes of requests. A successful read proves nothing for changes: an API may do the one
 * without the other, so each has a circuit of its own.
 */
export class Circuits {
  readonly reading: Circuit;
  readonly #changing: Circuit;
  #isReported = false;
  #isBeforeChanges = true;
  failures = 0;

  constructor(
    private readonly options: CircuitOptions,
    private readonly onClosed: () => void,
  ) {
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

  of(kind: RequestKind): Circuit {
    return kind === "safe" ? this.reading : this.#changing;
  }

  /** Notes that a request is about to be sent first. As long as nothing failed, time without requests doesn't count. */
  begin(kind: RequestKind): void {
    if (kind !== "safe") this.#isBeforeChanges = false;
    if (!this.isOpen) this.of(kind).close();
  }

  /** Notes an answer, even a refusal: the API is there. */
  noteAnswer(kind: RequestKind): void {
    const wasOpen = this.isOpen;
    this.reading.close();
    if (kind !== "safe") this.#changing.close();
    if (!wasOpen || this.isOpen) return;
    this.#isReported = false;
    this.onClosed();
  }

  noteFailure(kind: RequestKind, failure: HermError): void {
    const circuit = this.of(kind);
    circuit.isOpen = true;
    this.failures += 1;
    const { lastedMs, leftMs } = circuit;
    if (lastedMs < leastLastedMs || this.#isReported || leftMs < leastLeftMs) return;
    this.#isReported = true;
    this.#report({ failure, leftMs });
  }

  /** Reports an outage that is too young when nothing comes: a 429 may ask for a long wait. */
  #reportSilence(news: SilenceNews): void {
    if (this.#isReported) return;
    this.#isReported = this.isOpen;
    this.#report(news);
  }

  #report({ failure, leftMs }: Pick<SilenceNews, "failure" | "leftMs">): void {
    // What never arrived says nothing of a deployment.
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

  constructor(private readonly options: Pick<CircuitOptions, "maxWaitMs" | "monotonic">) {
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

  /** True when nothing is sent again any more. A success that comes all the same closes it. */
  get isGivenUp(): boolean {
    return this.isOpen && this.leftMs <= 0;
  }
}
