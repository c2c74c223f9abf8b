import type { Store } from "./store.js";

interface Write {
  work(): void;
  resolve(): void;
  reject(error: unknown): void;
}

/** Writes of one turn in one transaction: however many there are, they wait for the disk once. */
export class SharedWrites {
  readonly #store: Store;
  #writes: Write[] = [];

  constructor(store: Store) {
    this.#store = store;
  }

  /** Resolves when what `work` wrote is durable. Rejects, with nothing of it written, when it throws or can't be. */
  add(work: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#writes.push({ work, resolve, reject });
      if (this.#writes.length === 1) setImmediate(() => this.#flush());
    });
  }

  #flush(): void {
    const writes = this.#writes;
    this.#writes = [];
    try {
      this.#store.transaction(() => {
        for (const { work } of writes) work();
      });
      for (const { resolve } of writes) resolve();
    } catch {
      // Alone, so that only those fail that must.
      for (const write of writes) this.#writeAlone(write);
    }
  }

  #writeAlone({ work, resolve, reject }: Write): void {
    try {
      this.#store.transaction(work);
      resolve();
    } catch (error) {
      reject(error);
    }
  }
}
