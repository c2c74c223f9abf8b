import type { RawEvent } from "../api/types.js";
import { type RunEvent, readEvent, runOf } from "./event.js";

/** Until the run's id is known so much is buffered; then the stream is left unread for a while, which loses nothing. */
const bufferLimit = 8 * 1024 * 1024;

/** The events of one run among those of a stream, buffered until it is known which run that is. */
export class RunEvents {
  #buffer: RawEvent[] = [];
  #size = 0;
  #paused: (() => void)[] = [];
  #before: string | undefined;
  #hasStarted = false;
  /** How many of the run have come. */
  seen = 0;

  /** The id of the last event before the run's first; undefined where none is known. */
  get afterEvent(): string | undefined {
    return (this.#hasStarted && this.#before) || undefined;
  }

  /** The stream begins behind this event. */
  startAfter(id: string): void {
    this.#before ??= id;
  }

  /** `done` asks for more: called at once while there is room, else when the buffer is taken. */
  buffer(events: readonly RawEvent[], done: () => void): void {
    for (const event of events) {
      this.#buffer.push(event);
      this.#size += event.data.length + event.event.length + event.id.length;
    }
    if (this.#size <= bufferLimit) done();
    else this.#paused.push(done);
  }

  /** What was buffered of the run; `done` asks for more. */
  takeBuffer(run_id: string): { events: RunEvent[]; done(): void } {
    const events = this.of(run_id, this.#buffer.splice(0));
    return { events, done: () => this.#paused.splice(0).forEach((done) => void done()) };
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

  /** Where none came before, the run's first will do if it is no more than its status. */
  #noteBefore({ event, id }: RunEvent, isOwn: boolean): void {
    if (!isOwn && id === "") return;
    if (!isOwn || (this.#before === "" && event === "run_status")) this.#before = id;
    this.#hasStarted = isOwn;
  }
}
