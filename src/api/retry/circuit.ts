import { ApiError, type HermError, TimeoutError } from "../errors.js";
import type { OpenRequests, SilenceNews } from "./open-requests.js";
import type { RequestKind } from "./retry.js";

/** An outage that is shorter, or nearly over, isn't worth a word. */
const leastLastedMs = 3000;
const leastLeftMs = 1000;

/** An outage that lasts. */
export interface OutageNews {
  /** Undefined: nothing came for 5 s, and nothing has failed yet. */
  failure: Error | undefined;
  /** How long it is still waited for, in ms. */
  leftMs: number;
  /** The one deployment whose requests alone fail. */
  deployment_id?: string | undefined;
  /** Nothing that changes anything was sent before. */
  isBeforeChanges: boolean;
}

export interface CircuitOptions {
  /** For how long after the last success requests are sent again, in ms. */
  maxWaitMs: number;
  monotonic(): number;
  openRequests: OpenRequests;
  /** Called once in each outage that lasts, and once that nothing comes. */
  onOutage?(news: OutageNews): void;
}

/**
 * Detects an outage by what comes of requests. That something can be read is no success for what is to be changed: an API
 * may do the one without the other, so that each has a circuit of its own.
 */
export class Circuits {
  /** Of what only reads. */
  readonly reading: Circuit;
  readonly #changing: Circuit;
  #isReported = false;
  #isBeforeChanges = true;
  /** Grows with each failure that may pass. */
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

  /** A request is about to be sent first. As long as nothing failed, time that passed without requests doesn't count. */
  begin(kind: RequestKind): void {
    if (kind !== "safe") this.#isBeforeChanges = false;
    if (!this.isOpen) this.of(kind).close();
  }

  /** The API answered, be it that it refused: it is there. */
  noteAnswer(kind: RequestKind): void {
    const wasOpen = this.isOpen;
    this.reading.close();
    if (kind !== "safe") this.#changing.close();
    if (!wasOpen || this.isOpen) return;
    this.#isReported = false;
    this.onClosed();
  }

  /** A request failed in a way that may pass. */
  noteFailure(kind: RequestKind, failure: HermError): void {
    const circuit = this.of(kind);
    circuit.isOpen = true;
    this.failures += 1;
    const { lastedMs, leftMs } = circuit;
    if (lastedMs < leastLastedMs || this.#isReported || leftMs < leastLeftMs) return;
    this.#isReported = true;
    this.#report({ failure, leftMs });
  }

  /** An outage that is too young is reported when nothing comes: a 429 may ask for a long wait. */
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

/** Of one kind of requests. */
class Circuit {
  #sinceMs: number;
  /** Nothing has succeeded since something failed. */
  isOpen = false;

  constructor(private readonly options: Pick<CircuitOptions, "maxWaitMs" | "monotonic">) {
    this.#sinceMs = options.monotonic();
  }

  close(): void {
    this.#sinceMs = this.options.monotonic();
    this.isOpen = false;
  }

  /** Since nothing succeeded, in ms. */
  get lastedMs(): number {
    return this.options.monotonic() - this.#sinceMs;
  }

  /** How long requests are still sent again, in ms; it grows with every success. */
  get leftMs(): number {
    return this.options.maxWaitMs - this.lastedMs;
  }

  /** It has been open for so long that nothing is sent again. A success that comes all the same closes it. */
  get isGivenUp(): boolean {
    return this.isOpen && this.leftMs <= 0;
  }
}
