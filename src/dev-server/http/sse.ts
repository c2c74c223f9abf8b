import { onAbort } from "../../api/abort.js";
import { BrokenConnectionError } from "../faults.js";
import { type EventFilter, fits, type StoredEvent } from "../store/events.js";
import type { Store } from "../store/store.js";
import { RefusedRequest } from "./answers.js";

const mostStreams = 32;

/** How many bytes a reader may fall behind before it is dropped; it can then resume where it was. */
const furthestBehind = 1024 * 1024;

/** Number of events in each part of a replay; parts are read until the reader's buffer is full. */
const replayRows = 32;
const replayBytes = 64 * 1024;

/** Proxies and clients consider a silent stream dead. */
export const heartbeatMs = 15_000;

const encoder = new TextEncoder();

/** The error that ends a stream whose reader is too slow. */
class SlowReaderError extends Error {
  override readonly name = "SlowReaderError";
}

/** The open event streams of a server (src/api/README.md, "Events"). No stream waits for another's reader. */
export class Streams {
  readonly #open = new Set<EventStream>();

  constructor(
    private readonly store: Store,
    private readonly options: { heartbeatMs: number },
  ) {}

  get count(): number {
    return this.#open.size;
  }

  /**
   * Streams the events after `since`, oldest first (without `since`, an id-only block with the newest id), then live
   * events, until the signal aborts. Throws RefusedRequest (429) at the 33rd stream, and BrokenConnectionError if the
   * signal has already aborted, because that stream would never end.
   */
  open(
    filter: EventFilter,
    options: { since: number | undefined; signal: AbortSignal },
  ): ReadableStream<Uint8Array> {
    if (options.signal.aborted) throw new BrokenConnectionError("the client hung up");
    if (this.#open.size >= mostStreams) {
      throw new RefusedRequest(429, `no more than ${mostStreams} streams at once`, { "retry-after": "1" });
    }
    const onEnd = () => this.#open.delete(stream);
    const stream = new EventStream(this.store, filter, { ...this.options, ...options, onEnd });
    this.#open.add(stream);
    return new ReadableStream(stream, new ByteLengthQueuingStrategy({ highWaterMark: replayBytes }));
  }

  close(): void {
    for (const stream of [...this.#open]) stream.close();
  }
}

type Controller = ReadableStreamDefaultController<Uint8Array>;

/**
 * The source of one reader's stream. While it catches up, events come from the store on demand; after that, live
 * events are buffered in memory up to the limit.
 */
class EventStream {
  #isLive = false;
  #sent: number;
  #controller: Controller | undefined;
  #releases: (() => void)[] = [];

  constructor(
    private readonly store: Store,
    private readonly filter: EventFilter,
    private readonly options: {
      since: number | undefined;
      signal: AbortSignal;
      heartbeatMs: number;
      onEnd(): void;
    },
  ) {
    this.#sent = options.since ?? store.events.newest();
  }

  /** Writes immediately, so that the reader knows that the stream is open and from which id it can resume. */
  start(controller: Controller): void {
    const { since, signal, heartbeatMs, onEnd } = this.options;
    this.#controller = controller;
    const beat = setInterval(() => this.#beat(), heartbeatMs);
    beat.unref();
    this.#releases = [
      this.store.onEvents((events) => this.#hear(events)),
      onAbort(signal, () => this.#end(() => controller.error(signal.reason))),
      () => clearInterval(beat),
      onEnd,
    ];
    this.#write(since === undefined ? `id: evt_${this.#sent}\n\n` : ": open\n\n");
    this.pull();
  }

  pull(): void {
    while (!this.#isLive && this.#room() > 0) {
      const events = this.store.events.after(this.#sent, this.filter, replayRows);
      this.#isLive = events.length < replayRows;
      this.#send(events);
    }
  }

  cancel(): void {
    this.#end(() => undefined);
  }

  close(): void {
    this.#end((controller) => controller.close());
  }

  #hear(events: readonly StoredEvent[]): void {
    if (!this.#isLive) return;
    if (replayBytes - this.#room() <= furthestBehind) this.#send(events);
    else this.#end((controller) => controller.error(new SlowReaderError("the reader is too far behind")));
  }

  #beat(): void {
    if (this.#room() > 0) this.#write(": still here\n\n");
  }

  #end(finish: (controller: Controller) => void): void {
    const controller = this.#controller;
    if (!controller) return;
    this.#controller = undefined;
    for (const release of this.#releases) release();
    finish(controller);
  }

  #send(events: readonly StoredEvent[]): void {
    const fitting = events.filter((event) => event.seq > this.#sent && fits(event, this.filter));
    this.#sent = events.at(-1)?.seq ?? this.#sent;
    const blocks = fitting.map(({ type, seq, data }) => `event: ${type}\nid: evt_${seq}\ndata: ${data}\n\n`);
    if (fitting.length > 0) this.#write(blocks.join(""));
  }

  #write(text: string): void {
    this.#controller?.enqueue(encoder.encode(text));
  }

  #room(): number {
    return this.#controller?.desiredSize ?? 0;
  }
}
