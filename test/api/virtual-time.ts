import { vi } from "vitest";

/** A clock that stands still until it is moved; waits on it end in time order. */
export class VirtualTime {
  #nowMs = 0;
  #waits: { atMs: number; fire(): void }[] = [];

  readonly monotonic = (): number => this.#nowMs;
  readonly now = (): number => Date.UTC(2026, 0, 5, 12) + this.#nowMs;

  readonly timer = (ms: number, fire: () => void): (() => void) => {
    const wait = { atMs: this.#nowMs + ms, fire };
    this.#waits.push(wait);
    return () => {
      this.#waits = this.#waits.filter((other) => other !== wait);
    };
  };

  readonly sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        stop();
        reject(signal?.reason);
      };
      const stop = this.timer(ms, () => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      });
      signal?.addEventListener("abort", onAbort);
    });

  /** The number of pending waits. */
  get waiting(): number {
    return this.#waits.length;
  }

  /** Moves the clock, stopping at each wait on the way; before it continues, lets its effects finish. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      await settle();
      const next = this.#waits.reduce<{ atMs: number; fire(): void } | undefined>(
        (first, wait) => (first !== undefined && first.atMs <= wait.atMs ? first : wait),
        undefined,
      );
      if (next === undefined || next.atMs > untilMs) break;
      this.#nowMs = next.atMs;
      this.#waits = this.#waits.filter((wait) => wait !== next);
      next.fire();
    }
    this.#nowMs = untilMs;
    await settle();
  }
}

/** Lets everything happen that needs no time on this clock, including imports in progress. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
  await vi.dynamicImportSettled();
  for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
}
