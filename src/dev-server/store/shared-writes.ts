import type { Store } from "./store.js";

interface Write {
  work(): void;
  resolve(): void;
  reject(error: unknown): void;
}

/** Milliseconds of writing before others get their turn. */
const writingMs = 25;

/** Writes of one turn in one transaction: however many there are, they wait for the disk once. */
export class SharedWrites {
  #writes: Write[] = [];

  constructor(private readonly store: Store) {}

  /** Resolves when what `work` wrote is durable. Rejects, with nothing of it written, when it throws or can't be. */
  add(work: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#writes.push({ work, resolve, reject });
      if (this.#writes.length === 1) setImmediate(() => this.#flush());
    });
  }

  #flush(): void {
    const untilMs = performance.now() + writingMs;
    const taken: Write[] = [];
    try {
      this.store.transaction(() => {
        for (const write of this.#writes) {
          taken.push(write);
          write.work();
          if (performance.now() >= untilMs) break;
        }
      });
      for (const { resolve } of taken) resolve();
    } catch {
      // Each write is tried alone, so that only the one at fault fails.
      for (const write of taken) this.#writeAlone(write);
    }
    this.#writes = this.#writes.slice(taken.length);
    if (this.#writes.length > 0) setImmediate(() => this.#flush());
  }

  #writeAlone({ work, resolve, reject }: Write): void {
    try {
      this.store.transaction(work);
      resolve();
    } catch (error) {
      reject(error);
    }
  }
}
