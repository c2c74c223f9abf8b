import { innerController } from "../api/abort.js";
import type { RawEventStream } from "../api/events/stream.js";
import type { RawEvent } from "../api/types.js";
import { Course } from "./course.js";
import { type RunEvent, readEvent, runOf } from "./event.js";
import type { Beginning, FollowEnd, FollowMessage, FollowOptions } from "./follow-options.js";
import { KeptEvents } from "./kept-events.js";
import { Mailbox, Timer } from "./mailbox.js";
import type { Reconnect } from "./source.js";

/** Until the run's id is known so much is kept; then the stream is left unread for a while, which loses nothing. */
const keptLimit = 8 * 1024 * 1024;
const quietMs = 30_000;
const settleMs = 2_000;
/** A busy stream of other runs, or one that is cut, puts the settling off so often at most. */
const mostDelays = 5;

/**
 * Follows a run to its end (src/run-view/README.md, "Following a run"): from the stream, and where that is silent from
 * what the automation says. Throws the signal's reason when it aborts, what `begin` and `answer` throw, and what
 * opening throws.
 */
export function followRun(options: FollowOptions): Promise<FollowEnd> {
  return new Follow(options).run();
}

/** Where the news of a run come together: the stream, the clock, what was read, a person's answer. One at a time. */
class Follow {
  readonly #options: FollowOptions;
  readonly #inbox = new Mailbox<FollowMessage>();
  readonly #over: AbortController;
  readonly #kept = new KeptEvents(keptLimit);
  readonly #quiet: Timer;
  readonly #settle: Timer;
  readonly #timeout: Timer;
  #stream: RawEventStream | undefined;
  #runId: string | undefined;
  #course: Course | undefined;
  #delays = 0;
  /** So many events of the run have come: what was read before the last of them is stale. */
  #seen = 0;
  /** Cut, and not back yet. */
  #isDown = false;
  /** Nothing has come since the last cut that was told. */
  #isReconnecting = false;
  readonly #early: FollowMessage[] = [];
  /** The id of the last event before the run's first; empty: none is known. */
  #before: string | undefined;
  #hasBegun = false;

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#over = innerController(options.signal);
    const alarm = (kind: "quiet" | "settle" | "timeout") =>
      new Timer(options.sleep, () => this.#inbox.push({ kind }));
    this.#quiet = alarm("quiet");
    this.#settle = alarm("settle");
    this.#timeout = alarm("timeout");
  }

  async run(): Promise<FollowEnd> {
    const { signal, source, timeoutMs } = this.#options;
    signal.throwIfAborted();
    const onAbort = () => this.#inbox.push({ kind: "abort" });
    signal.addEventListener("abort", onAbort);
    try {
      this.#stream = await source.open({
        signal: this.#over.signal,
        onReconnect: ({ state }) => this.#inbox.push({ kind: "reconnect", state }),
      });
      if (timeoutMs !== undefined) this.#timeout.set(timeoutMs);
      void this.#pump(this.#stream);
      void this.#begin();
      for (;;) {
        const end = await this.#handle(await this.#inbox.take());
        if (end !== undefined) return { ...end, afterEvent: (this.#hasBegun && this.#before) || undefined };
      }
    } finally {
      signal.removeEventListener("abort", onAbort);
      for (const alarm of [this.#quiet, this.#settle, this.#timeout]) alarm.clear();
      this.#course?.stop();
      this.#over.abort();
      this.#stream?.close();
    }
  }

  /** Reads on only when what came has been shown: a slow reader slows the stream down, and an id counts as seen only then. */
  async #pump(stream: RawEventStream): Promise<void> {
    try {
      for await (const batch of stream) {
        if (this.#over.signal.aborted) return;
        this.#before ??= stream.lastEventId;
        await new Promise<void>((done) => this.#inbox.push({ kind: "batch", batch, done }));
      }
      this.#inbox.push({ kind: "over", cause: undefined });
    } catch (cause) {
      this.#inbox.push({ kind: "over", cause });
    }
  }

  async #begin(): Promise<void> {
    try {
      this.#inbox.push({ kind: "begun", beginning: await this.#options.begin() });
    } catch (cause) {
      this.#inbox.push({ kind: "failed", cause });
    }
  }

  async #read(course: Course): Promise<void> {
    this.#quiet.set(quietMs);
    const seen = this.#seen;
    this.#inbox.push({ kind: "read", run: await course.readRun(), seen });
  }

  #handle(message: FollowMessage): Promise<FollowEnd | undefined> | undefined {
    const course = this.#course;
    if (message.kind === "failed") throw message.cause;
    if (message.kind === "begun") return this.#onBegun(message.beginning);
    if (course === undefined) return this.#onEarly(message);
    switch (message.kind) {
      case "batch":
        return this.#onBatch(course, message);
      case "over":
        this.#options.signal.throwIfAborted();
        return course.lose(message.cause);
      case "reconnect":
        return this.#onReconnect(course, message.state);
      case "quiet":
        void this.#read(course);
        return undefined;
      case "read":
        course.read(message.run, message.seen !== this.#seen);
        return undefined;
      case "settle":
        return this.#onSettle(course);
      case "answered":
        return course.answered(message.error);
      case "timeout":
        return course.end("timeout");
      case "abort":
        this.#options.signal.throwIfAborted();
    }
  }

  /** While the run's id isn't known. What ends the following waits for it: a run that was started has to be named. */
  #onEarly(message: FollowMessage): undefined {
    if (message.kind === "batch") this.#kept.add(message.batch, message.done);
    else this.#early.push(message);
  }

  async #onBegun(beginning: Beginning): Promise<FollowEnd | undefined> {
    this.#options.signal.throwIfAborted();
    const course = new Course(
      {
        ...this.#options,
        signal: this.#over.signal,
        onDoubt: () => {
          this.#delays = 0;
          this.#settle.set(settleMs);
        },
        onAnswered: (error) => this.#inbox.push({ kind: "answered", error }),
      },
      beginning,
    );
    this.#course = course;
    this.#runId = beginning.runId;
    const kept = this.#kept.take();
    const end = await course.begin(beginning, this.#own(kept.events));
    kept.done();
    if (end !== undefined) return end;
    for (const message of this.#early) this.#inbox.push(message);
    void this.#read(course);
    return undefined;
  }

  async #onBatch(
    course: Course,
    { batch, done }: { batch: RawEvent[]; done(): void },
  ): Promise<FollowEnd | undefined> {
    this.#isReconnecting = false;
    const own = this.#own(batch);
    if (own.length > 0) {
      this.#seen += own.length;
      this.#delays = 0;
      this.#quiet.set(quietMs);
    }
    if (course.isInDoubt && this.#delays < mostDelays) {
      this.#delays += 1;
      this.#settle.set(settleMs);
    }
    const end = own.length === 0 ? undefined : await course.add(own);
    done();
    return end;
  }

  /** What can't come isn't silence: while the stream is cut, its replay gets some more time. */
  #onSettle(course: Course): Promise<FollowEnd | undefined> | undefined {
    if (!this.#isDown || this.#delays >= mostDelays) return course.settle();
    this.#delays += 1;
    this.#settle.set(settleMs);
    return undefined;
  }

  async #onReconnect(course: Course, state: Reconnect["state"]): Promise<undefined> {
    course.hasGap ||= this.#stream?.lastEventId === "";
    this.#isDown = state === "waiting";
    if (state === "open") {
      if (course.isInDoubt) this.#settle.set(settleMs);
      void this.#read(course);
      return;
    }
    if (this.#isReconnecting) return;
    this.#isReconnecting = true;
    await this.#options.view.note("connection lost, reconnecting …");
  }

  #own(events: readonly RawEvent[]) {
    const read = events.map(readEvent);
    if (!this.#hasBegun) for (const event of read) this.#keepBefore(event);
    return read.filter((event) => runOf(event) === this.#runId);
  }

  /** Where none came before, the run's first will do if it is no more than its status. */
  #keepBefore({ event, id, data }: RunEvent): void {
    const isOwn = runOf({ event, id, data }) === this.#runId;
    if (this.#hasBegun || (!isOwn && id === "")) return;
    if (!isOwn || (this.#before === "" && event === "run_status")) this.#before = id;
    this.#hasBegun = isOwn;
  }
}
