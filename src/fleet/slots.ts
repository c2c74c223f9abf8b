import type { OutageRetry } from "../api/retry/outage-retry.js";

/** Times the concurrency: when so many wait to be sent again, nothing new is tried. */
const mostWaiting = 4;

interface SlotsOptions {
  concurrency: number;
  outageRetry?: OutageRetry | undefined;
  /**
   * Given for reading alone: then only the circuit of reads counts, and after a success the first item needn't go
   * alone.
   */
  reader?: { readonly hasRead: boolean } | undefined;
  signal: AbortSignal;
  onRoom(): void;
}

/**
 * Decides how many items may be worked on at once. The first goes alone, as long as it succeeds and nothing did before.
 * Those that wait to be sent again leave their slots to others, but only as far as others succeed meanwhile: where
 * nothing does, the API is down, and something new is tried now and then (a probe), since perhaps only those that wait
 * fail.
 */
export class Slots {
  #started = 0;
  running = 0;
  /** Slots beyond the concurrency, at most one for each that waits. */
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

  /** True when so many wait that the next item should be in another deployment. */
  get isCrowded(): boolean {
    return this.#probe === "there" || this.#waiting >= this.options.concurrency;
  }

  /** True when one more may start; where that takes a probe, `onRoom` is called after it. */
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

  /** Adds a slot for a success without any failure meanwhile, which shows that the API works. */
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
