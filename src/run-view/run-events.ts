import type { RawEvent } from "../api/types.js";
import { type RunEvent, readEvent, runOf } from "./event.js";

/** Bytes that are buffered until the run's id is known; then the stream is left unread, which loses nothing. */
const bufferLimit = 8 * 1024 * 1024;

export class RunEvents {
  #buffer: RawEvent[] = [];
  #size = 0;
  #waiting: (() => void)[] = [];
  #before: string | undefined;
  #hasStarted = false;
  seen = 0;

  get afterEvent(): string | undefined {
    return (this.#hasStarted && this.#before) || undefined;
  }

  startAfter(id: string): void {
    this.#before ??= id;
  }

  /** `done` asks for more: at once while there is room, else when the buffer is taken. */
  buffer(events: readonly RawEvent[], done: () => void): void {
    for (const event of events) {
      this.#buffer.push(event);
      this.#size += event.data.length + event.event.length + event.id.length;
    }
    if (this.#size <= bufferLimit) done();
    else this.#waiting.push(done);
  }

  takeBuffer(run_id: string): { events: RunEvent[]; done(): void } {
    const events = this.of(run_id, this.#buffer.splice(0));
    return { events, done: () => this.#waiting.splice(0).forEach((done) => void done()) };
  }

  of(run_id: string, events: readonly RawEvent[]): RunEvent[] {
    const own = events.map(readEvent).filter((event) => {
      const isOwn = runOf(event) === run_id;
      if (!this.#hasStarted) this.#noteBefore(event, isOwn);
      return isOwn;
    });
    this.seen += own.length;
    return own;
  }

  /** Takes the run's first event where none came before, if it is no more than its status. */
  #noteBefore({ event, id }: RunEvent, isOwn: boolean): void {
    if (!isOwn && id === "") return;
    if (!isOwn || (this.#before === "" && event === "run_status")) this.#before = id;
    this.#hasStarted = isOwn;
  }
}
