import type { RawEvent } from "../api/types.js";

/** Events that came before it was known whose they are. */
export class KeptEvents {
  #events: RawEvent[] = [];
  #size = 0;
  #held: (() => void)[] = [];

  /** `limit` in characters: beyond it the sender is kept waiting, so that nothing is lost. */
  constructor(private readonly limit: number) {}

  /** `done` asks for more: called at once while there is room, else when the events are taken. */
  add(events: readonly RawEvent[], done: () => void): void {
    for (const event of events) {
      this.#events.push(event);
      this.#size += event.data.length + event.event.length + event.id.length;
    }
    if (this.#size <= this.limit) done();
    else this.#held.push(done);
  }

  /** Everything that was kept, and who waits for having been let in. */
  take(): { events: RawEvent[]; done(): void } {
    const events = this.#events;
    const held = this.#held;
    this.#events = [];
    this.#held = [];
    this.#size = 0;
    return { events, done: () => held.forEach((done) => void done()) };
  }
}
