import type { ServerClock } from "../clock.js";
import type { StoredRun } from "../store/runs.js";
import { SharedWrites } from "../store/shared-writes.js";
import type { Store } from "../store/store.js";
import { type Output, RunWriter } from "./run-writer.js";

/** Writes durably what happens to runs: what agents do is written with what others did in the same turn. */
export class RunRecord {
  readonly #writer: RunWriter;
  readonly #writes: SharedWrites;

  constructor(
    private readonly store: Store,
    clock: ServerClock,
  ) {
    this.#writer = new RunWriter(store, clock);
    this.#writes = new SharedWrites(store);
  }

  /** The runs begin, all or none; what asking for the next one writes is written with them. */
  begin(runs: Iterable<StoredRun>): StoredRun[] {
    return this.store.transaction(() => {
      const begun: StoredRun[] = [];
      for (const run of runs) {
        this.#writer.begin(run);
        begun.push(run);
      }
      return begun;
    });
  }

  hear(run: StoredRun, content: string): void {
    this.store.transaction(() => this.#writer.hear(run, content));
  }

  async write(run: StoredRun, steps: readonly Output[]): Promise<void> {
    if (steps.length > 0) await this.#writes.add(() => this.#writer.write(run, steps));
  }

  ask(run: StoredRun, steps: readonly Output[], summary: string): Promise<void> {
    return this.#writes.add(() => this.#writer.ask(run, steps, summary));
  }

  finish(run: StoredRun, steps: readonly Output[], error: string | null): Promise<void> {
    return this.#writes.add(() => this.#writer.finish(run, steps, error));
  }

  /** The runs are over: their server died. */
  interrupt(runs: readonly StoredRun[]): void {
    this.store.transaction(() => {
      for (const run of runs) this.#writer.finish(run, [], "interrupted");
    });
  }
}
