import { BrokenConnectionError } from "../faults.js";
import { type EventFilter, fits, type StoredEvent } from "../store/events.js";
import type { Store } from "../store/store.js";
import { RefusedRequest } from "./answers.js";

const mostStreams = 32;

/** A reader that is further behind is dropped; it can resume where it was. */
const furthestBehind = 1024 * 1024;

/** A replay is read in parts of so many events, until so many bytes wait for the reader. */
const replayRows = 32;
const replayBytes = 64 * 1024;

/** Intermediaries and clients take a silent stream for a dead one. */
export const heartbeatMs = 15_000;

const encoder = new TextEncoder();

/** The reader didn't keep up: its stream ends in this error. */
class SlowReaderError extends Error {
  override readonly name = "SlowReaderError";
}

/** The open event streams of a server (src/api/README.md, "Events"). No stream waits for another one's reader. */
export class Streams {
  readonly #open = new Set<() => void>();

  constructor(
    private readonly store: Store,
    private readonly options: { heartbeatMs: number },
  ) {}

  get count(): number {
    return this.#open.size;
  }

  /**
   * Streams what comes after the event `since`, oldest first, then what happens; without it an id-only block with the newest
   * id, then what happens, until the signal aborts. Throws a Refusal (429) at the 33rd stream, and BrokenConnectionError
   * where the signal has aborted: nothing else would ever end that stream.
   */
  open(
    filter: EventFilter,
    options: { since: number | undefined; signal: AbortSignal },
  ): ReadableStream<Uint8Array> {
    const { since, signal } = options;
    if (signal.aborted) throw new BrokenConnectionError("the client hung up");
    if (this.#open.size >= mostStreams) {
      throw new RefusedRequest(429, `no more than ${mostStreams} streams at once`, { "retry-after": "1" });
    }
    const stream = new EventStream(this.store, filter, since ?? this.store.events.newest());
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          const leave = this.store.onEvents((events) => stream.hear(events));
          const beat = setInterval(() => stream.beat(), this.options.heartbeatMs);
          beat.unref();
          const close = () => stream.end(() => controller.close());
          const abort = () => stream.end(() => controller.error(signal.reason));
          signal.addEventListener("abort", abort, { once: true });
          this.#open.add(close);
          stream.attach(controller, () => {
            leave();
            clearInterval(beat);
            signal.removeEventListener("abort", abort);
            this.#open.delete(close);
          });
          stream.greet(since === undefined);
        },
        pull: () => stream.replay(),
        cancel: () => stream.end(() => undefined),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: replayBytes }),
    );
  }

  close(): void {
    for (const close of [...this.#open]) close();
  }
}

type Controller = ReadableStreamDefaultController<Uint8Array>;

/**
 * One reader. While it catches up, events come from the store as it takes them; once it has all, they come as they
 * happen, and wait for it in memory up to the limit.
 */
class EventStream {
  #isLive = false;
  #controller: Controller | undefined;
  #release = () => {};

  constructor(
    private readonly store: Store,
    private readonly filter: EventFilter,
    private sent: number,
  ) {}

  attach(controller: Controller, release: () => void): void {
    this.#controller = controller;
    this.#release = release;
  }

  /** The first bytes, so that the reader knows that the stream is open and from which id it can resume. */
  greet(withNewestId: boolean): void {
    this.#write(encoder.encode(withNewestId ? `id: evt_${this.sent}\n\n` : ": open\n\n"));
    this.replay();
  }

  replay(): void {
    while (!this.#isLive && this.#room() > 0) {
      const events = this.store.events.after(this.sent, this.filter, replayRows);
      this.#isLive = events.length < replayRows;
      this.#send(events);
    }
  }

  hear(events: readonly StoredEvent[]): void {
    if (!this.#isLive) return;
    if (replayBytes - this.#room() > furthestBehind) this.#drop();
    else this.#send(events);
  }

  beat(): void {
    if (this.#room() > 0) this.#write(encoder.encode(": still here\n\n"));
  }

  end(finish: () => void): void {
    if (!this.#controller) return;
    this.#controller = undefined;
    this.#release();
    finish();
  }

  #send(events: readonly StoredEvent[]): void {
    const fitting = events.filter((event) => event.seq > this.sent && fits(event, this.filter));
    this.sent = events.at(-1)?.seq ?? this.sent;
    const blocks = fitting.map(({ type, seq, data }) => `event: ${type}\nid: evt_${seq}\ndata: ${data}\n\n`);
    if (fitting.length > 0) this.#write(encoder.encode(blocks.join("")));
  }

  #drop(): void {
    const controller = this.#controller;
    this.end(() => controller?.error(new SlowReaderError("the reader is too far behind")));
  }

  #write(bytes: Uint8Array): void {
    this.#controller?.enqueue(bytes);
  }

  #room(): number {
    return this.#controller?.desiredSize ?? 0;
  }
}
