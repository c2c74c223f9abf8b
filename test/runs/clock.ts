import { setImmediate as nextTurn } from "node:timers/promises";

/** A clock that stands still until it is advanced, and a sleep that uses it. */
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

  /** The number of pending sleeps. */
  get sleepers(): number {
    return this.#sleepers.size;
  }

  /** Lets time pass, ends due sleeps in order, and lets their effects finish. */
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

/** Lets everything happen that waits only for its turn. */
export async function permanent(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await nextTurn();
}
