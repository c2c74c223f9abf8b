import { startTimer } from "../../api/guard.js";
import type { Context } from "../../context.js";
import { formatLocalClock } from "../../output/time.js";

/** A look that waited for what couldn't be read says no more of how long one takes. */
const mostTookMs = 5000;
const everySecondMs = 1000;

/** How old the last look is. Calls back when it is older than two looks take, and from then on every second. */
export class ReadingAge {
  #at = new Date(0);
  #readMs = 0;
  #mostMs = 0;
  #stopTimer: (() => void) | undefined;

  constructor(
    private readonly context: Pick<Context, "now" | "monotonic" | "timer">,
    private readonly options: { restMs: number; ages(): Promise<void> },
  ) {}

  /** Another look has come, which began then. */
  renew(beganMs: number, { isWhole }: { isWhole: boolean }): void {
    this.stop();
    this.#at = this.context.now();
    this.#readMs = this.context.monotonic();
    const tookMs = this.#readMs - beganMs;
    this.#mostMs = 2 * (this.options.restMs + (isWhole ? tookMs : Math.min(tookMs, mostTookMs)));
    this.#wait(this.#mostMs);
  }

  stop(): void {
    this.#stopTimer?.();
  }

  /** When it was, on this machine's clock. */
  get clock(): string {
    return formatLocalClock(this.#at);
  }

  get ms(): number {
    return this.context.monotonic() - this.#readMs;
  }

  /** Whether that, or what was read then, is older than two looks take. */
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
