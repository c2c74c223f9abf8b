import type { ServerClock } from "./clock.js";
import type { RunEnd } from "./store/runs.js";
import type { Store } from "./store/store.js";

const hourMs = 3_600_000;

/** The time after its run's end in which an event can be replayed. */
const retentionMs = 7 * 24 * hourMs;

/** Milliseconds of removing before others get their turn. */
const removingMs = 25;

const removedAtOnce = 256;

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
    try {
      const isDone = this.options.store.transaction(() => this.#removeSome(before));
      if (isDone) this.options.store.shrinkLog();
      else this.#work = setImmediate(() => this.#remove(before));
    } catch (error) {
      this.options.report(error);
    }
  }

  #removeSome(before: number): boolean {
    const untilMs = performance.now() + removingMs;
    const { store } = this.options;
    const [completed_at = 0, seq = 0] = (store.setting(doneUntil) ?? "").split(" ").map(Number);
    let done: Omit<RunEnd, "run_id"> = { completed_at, seq };
    let next = store.runs.nextEnd(done, before);
    while (next && performance.now() < untilMs) {
      if (store.events.removeSome(next.run_id, removedAtOnce)) continue;
      done = next;
      next = store.runs.nextEnd(done, before);
    }
    store.setSetting(doneUntil, `${done.completed_at} ${done.seq}`);
    return next === undefined;
  }
}
