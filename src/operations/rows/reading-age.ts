import { startTimer } from "../../api/exchange-abort.js";
import type { Context } from "../../context.js";
import { formatLocalClock } from "../../output/time.js";

/** Milliseconds of a reading that count at most: waiting for what couldn't be read says nothing of how long one takes. */
const mostTookMs = 5000;
const everySecondMs = 1000;

/** The age of the last reading. Calls back when it is older than two readings take, then every second. */
export class ReadingAge {
  #at = new Date(0);
  #readMs = 0;
  #mostMs = 0;
  #stopTimer: (() => void) | undefined;

  constructor(
    private readonly context: Pick<Context, "now" | "monotonic" | "timer">,
    private readonly options: { restMs: number; ages(): Promise<void> },
  ) {}

  renew(beganMs: number, { isComplete }: { isComplete: boolean }): void {
    this.stop();
    this.#at = this.context.now();
    this.#readMs = this.context.monotonic();
    const tookMs = this.#readMs - beganMs;
    this.#mostMs = 2 * (this.options.restMs + (isComplete ? tookMs : Math.min(tookMs, mostTookMs)));
    this.#wait(this.#mostMs);
  }

  stop(): void {
    this.#stopTimer?.();
  }

  get clock(): string {
    return formatLocalClock(this.#at);
  }

  get ms(): number {
    return this.context.monotonic() - this.#readMs;
  }

  /** True when that, or what was read then, is older than two readings take. */
  isOld(readMs = this.#readMs): boolean {
    return this.context.monotonic() - readMs >= this.#mostMs;
  }

  #wait(ms: number): void {
    this.#stopTimer = (this.context.timer ?? startTimer)(ms, () => {
      // What can't be written any more ends the next look.
      void this.options.ages().catch(() => undefined);
      this.#wait(everySecondMs);
    });
  }
}
