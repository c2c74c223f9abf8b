import type { Circuits } from "../api/retry/circuit.js";
import type { OutageRetry } from "../api/retry/outage-retry.js";

/** Times the concurrency: when so many wait to be sent again, nothing new is tried. */
const mostWaiting = 4;

export interface SlotsOptions {
  concurrency: number;
  outageRetry?: OutageRetry | undefined;
  /** Of what only reads: only whether anything can be read matters, and after a success the first needn't go alone. */
  reader?: { readonly hasRead: boolean } | undefined;
  /** Ends the wait for a probe at once. */
  signal: AbortSignal;
  /** There may be room by now. */
  onRoom(): void;
}

/**
 * How many items may be worked on at once. The first goes alone, as long as it succeeds and nothing did before. Who waits
 * to be sent again keeps no other from working, but only as far as others are seen to succeed meanwhile: where nothing
 * does, the API is down, and something new is tried now and then (a probe), since it may also be those that wait that
 * are in trouble.
 */
export class Slots {
  #started = 0;
  /** So many are worked on now. */
  running = 0;
  /** Beyond the concurrency, at most one for each that waits. */
  #extra = 0;
  #probe: "none" | "coming" | "there" = "none";

  /** Before the first: what it reads itself would count too. */
  readonly #isProven: boolean;

  constructor(private readonly options: SlotsOptions) {
    this.#isProven = options.reader?.hasRead === true;
  }

  get hasStarted(): boolean {
    return this.#started > 0;
  }

  /** How it stands with what is sent. */
  get circuit(): Pick<Circuits, "isOpen" | "isGivenUp"> | undefined {
    const { outageRetry, reader } = this.options;
    return reader !== undefined ? outageRetry?.circuits.reading : outageRetry?.circuits;
  }

  /** So many wait that what is started next had better be in another deployment. */
  get isCrowded(): boolean {
    return this.#probe === "there" || this.#waiting >= this.options.concurrency;
  }

  /** Whether one more may start; where a probe has to be waited for `onRoom` is called then. */
  hasRoom(): boolean {
    const { concurrency } = this.options;
    if (this.#started === 0) return true;
    if (this.circuit?.isOpen === true) return this.running < concurrency || this.#hasProbe();
    if (this.#started === 1 && this.running === 1 && !this.#isProven) return false;
    this.#extra = Math.min(this.#extra, this.#waiting);
    return this.running < concurrency + this.#extra;
  }

  /** Gives what `end` needs. */
  begin(): number | undefined {
    if (this.#probe === "there") this.#extra += 1;
    this.#probe = this.#probe === "coming" ? "coming" : "none";
    this.#started += 1;
    this.running += 1;
    return this.options.outageRetry?.circuits.failures;
  }

  /** What began and succeeded without any failure meanwhile shows that the API works: others may take the waiting ones' places. */
  end(begun: number | undefined, { isSuccess }: { isSuccess: boolean }): void {
    this.running -= 1;
    if (isSuccess && begun === this.options.outageRetry?.circuits.failures) this.#extra += 1;
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
