import type { Store } from "./store.js";

interface Write {
  work(): void;
  resolve(): void;
  reject(error: unknown): void;
}

/** Milliseconds of writing before other work gets its turn. */
const writingMs = 25;

/** Combines the writes of one turn into one transaction, which waits for the disk once. */
export class SharedWrites {
  #writes: Write[] = [];

  constructor(private readonly store: Store) {}

  /** Resolves when the writes of `work` are durable. Rejects, writing none of them, if it throws or writing fails. */
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
      // Tries each write alone, so that only the faulty one fails.
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
