import { setImmediate as nextTurn } from "node:timers/promises";

/** A clock that stands still until it is advanced, and the sleep that goes by it. */
export class ManualClock {
  #now = 0;
  readonly #sleepers = new Set<{ at: number; wake(): void }>();

  readonly now = (): number => this.#now;

  readonly sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const wake = () => {
        signal?.removeEventListener("abort", stop);
        resolve();
      };
      const sleeper = { at: this.#now + ms, wake };
      const stop = () => {
        this.#sleepers.delete(sleeper);
        reject(signal?.reason);
      };
      if (signal?.aborted) return stop();
      signal?.addEventListener("abort", stop, { once: true });
      this.#sleepers.add(sleeper);
    });

  /** How many sleep. */
  get sleepers(): number {
    return this.#sleepers.size;
  }

  /** Lets the time pass, wakes who is due in order, and lets what follows from it happen. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await permanent();
    for (;;) {
      const [next] = [...this.#sleepers].sort((one, other) => one.at - other.at);
      if (next === undefined || next.at > until) break;
      this.#now = Math.max(this.#now, next.at);
      this.#sleepers.delete(next);
      next.wake();
      await permanent();
    }
    this.#now = until;
    await permanent();
  }
}

/** Lets everything happen that waits for nothing but its turn. */
export async function permanent(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await nextTurn();
}
