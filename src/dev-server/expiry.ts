import type { ServerClock } from "./clock.js";
import type { Store } from "./store/store.js";

const hourMs = 3_600_000;

/** The time after its run's end in which an event can be replayed. */
const retentionMs = 7 * 24 * hourMs;

/** Events that are removed before others get their turn. */
const removedAtOnce = 500;

const doneUntil = "events_removed_until";

/**
 * Removes the events of runs that ended more than a week ago, by the server's clock; what the runs said stays in their
 * threads. It looks once an hour, when something happens, since only then the data grows.
 */
export class EventExpiry {
  readonly #stopListening: () => void;
  #nextLookAt = Number.NEGATIVE_INFINITY;
  #work: NodeJS.Immediate | undefined;

  constructor(private readonly options: { store: Store; clock: ServerClock; report(error: unknown): void }) {
    this.#stopListening = this.options.store.onEvents(() => this.#look());
    this.#look();
  }

  close(): void {
    this.#stopListening();
    clearImmediate(this.#work);
  }

  #look(): void {
    const now = this.options.clock.now();
    if (this.#work || now < this.#nextLookAt) return;
    this.#nextLookAt = now + hourMs;
    this.#work = setImmediate(() => this.#remove(now - retentionMs));
  }

  /** Goes on until nothing of the runs that ended before that time is left; what fails is tried at the next look. */
  #remove(before: number): void {
    this.#work = undefined;
    const { store, report } = this.options;
    try {
      const from = Number(store.setting(doneUntil) ?? 0);
      const lastEnd = store.transaction(() => {
        const end = store.events.removeSome({ from, before }, removedAtOnce);
        store.setSetting(doneUntil, String(end ?? before));
        return end;
      });
      if (lastEnd === undefined) store.shrinkLog();
      else this.#work = setImmediate(() => this.#remove(before));
    } catch (error) {
      report(error);
    }
  }
}
