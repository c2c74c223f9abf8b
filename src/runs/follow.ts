import { innerController } from "../api/abort.js";
import type { RawEventStream } from "../api/events/stream.js";
import type { Message, Run } from "../api/types.js";
import {
  type FollowEnd,
  type FollowMessage,
  type FollowOptions,
  tryReadMessages,
  tryReadRun,
} from "./follow-source.js";
import { Mailbox, Timer } from "./live-view.js";
import {
  addEvents,
  backfill,
  fullerText,
  onAnswered,
  onRunRead,
  RunEvents,
  type RunFollower,
  type Step,
  startFollower,
} from "./run-follower.js";

const pollMs = 30_000;
const confirmMs = 2_000;
/** How often a stream that is busy or disconnected may postpone the check. */
const mostDelays = 5;

/**
 * Follows a run to its end (src/runs/README.md, "Following a run"). Throws the signal's reason when it aborts, and any
 * error from opening the stream, `start` and `answer`.
 */
export function followRun(options: FollowOptions): Promise<FollowEnd> {
  return new Follow(options).run();
}

type MessageOf<Kind> = FollowMessage & { kind: Kind };

class Follow {
  readonly #inbox = new Mailbox<FollowMessage>();
  readonly #over: AbortController;
  readonly #events = new RunEvents();
  readonly #timers: Record<"poll" | "confirm" | "timeout", Timer>;
  #stream: RawEventStream | undefined;
  #follower: RunFollower | undefined;
  #question: AbortController | undefined;
  /** True if part of the run isn't in the stream, which was joined late, or disconnected before its first id. */
  #hasGap = false;
  #delays = 0;
  #isDown = false;
  /** True after a disconnection was reported, until more data arrives. */
  #isReconnecting = false;
  readonly #early: FollowMessage[] = [];

  constructor(private readonly options: FollowOptions) {
    this.#over = innerController(options.signal);
    const timer = (kind: "poll" | "confirm" | "timeout") =>
      new Timer(options.sleep, () => this.#inbox.push({ kind }));
    this.#timers = { poll: timer("poll"), confirm: timer("confirm"), timeout: timer("timeout") };
  }

  async run(): Promise<FollowEnd> {
    const { signal, source, timeoutMs } = this.options;
    signal.throwIfAborted();
    const onAbort = () => this.#inbox.push({ kind: "abort" });
    signal.addEventListener("abort", onAbort);
    try {
      this.#stream = await source.open({
        signal: this.#over.signal,
        onReconnect: ({ state }) => this.#inbox.push({ kind: "reconnect", state }),
      });
      if (timeoutMs !== undefined) this.#timers.timeout.set(timeoutMs);
      void this.#pump(this.#stream);
      this.options.start().then(
        (start) => this.#inbox.push({ kind: "started", start }),
        (cause) => this.#inbox.push({ kind: "failed", cause }),
      );
      for (;;) {
        const end = await this.#handle(await this.#inbox.take());
        if (end !== undefined) return { ...end, afterEvent: this.#events.afterEvent };
      }
    } finally {
      signal.removeEventListener("abort", onAbort);
      for (const timer of Object.values(this.#timers)) timer.clear();
      this.#question?.abort();
      this.#over.abort();
      this.#stream?.close();
    }
  }

  /**
   * Reads on only after the last events were printed, so that a slow reader slows the stream down, and an id counts as
   * seen only once it is shown.
   */
  async #pump(stream: RawEventStream): Promise<void> {
    try {
      for await (const batch of stream) {
        if (this.#over.signal.aborted) return;
        this.#events.startAfter(stream.lastEventId);
        await new Promise<void>((done) => this.#inbox.push({ kind: "batch", batch, done }));
      }
      this.#inbox.push({ kind: "over", cause: undefined });
    } catch (cause) {
      this.#inbox.push({ kind: "over", cause });
    }
  }

  #handle(message: FollowMessage): Promise<FollowEnd | undefined> | undefined {
    const follower = this.#follower;
    if (message.kind === "failed") throw message.cause;
    if (message.kind === "started") return this.#onStarted(message);
    if (follower === undefined) return this.#onEarly(message);
    switch (message.kind) {
      case "batch":
        return this.#onBatch(follower, message);
      case "over":
        this.options.signal.throwIfAborted();
        return this.#lose(follower, message.cause);
      case "reconnect":
        return this.#onReconnect(follower, message);
      case "poll":
        return void this.#poll(follower);
      case "read":
        return this.#take(onRunRead(follower, message.run, message.seen !== this.#events.seen));
      case "confirm":
        return this.#onSilence(follower);
      case "answered":
        if (message.error !== undefined && follower.question !== "passed") throw message.error;
        return this.#take(onAnswered(follower));
      case "timeout":
        return this.#end(follower, "timeout");
      case "abort":
        this.options.signal.throwIfAborted();
    }
  }

  /** Buffers until the run's id is known. Delays an end until then as well, because a started run has to be named. */
  #onEarly(message: FollowMessage): undefined {
    if (message.kind === "batch") this.#events.buffer(message.batch, message.done);
    else this.#early.push(message);
  }

  async #onStarted({ start }: MessageOf<"started">): Promise<FollowEnd | undefined> {
    this.options.signal.throwIfAborted();
    this.#hasGap = start.joined !== undefined;
    const { events, done } = this.#events.takeBuffer(start.run_id);
    const step = startFollower(start, events);
    const end = await this.#take(step);
    done();
    if (end !== undefined) return end;
    for (const message of this.#early) this.#inbox.push(message);
    void this.#poll(step.follower);
  }

  async #onBatch(follower: RunFollower, { batch, done }: MessageOf<"batch">): Promise<FollowEnd | undefined> {
    this.#isReconnecting = false;
    const own = this.#events.of(follower.state.run_id, batch);
    if (own.length > 0) {
      this.#delays = 0;
      this.#timers.poll.set(pollMs);
    }
    if (follower.unconfirmed !== undefined && this.#delays < mostDelays) this.#delay();
    const end = own.length === 0 ? undefined : await this.#take(addEvents(follower, own));
    done();
    return end;
  }

  /** Allows a disconnected stream more time for its replay, because no event can arrive until it is connected. */
  async #onSilence(follower: RunFollower): Promise<FollowEnd | undefined> {
    if (this.#isDown && this.#delays < mostDelays) return this.#delay();
    return follower.unconfirmed && this.#take(await this.#backfill(follower, follower.unconfirmed));
  }

  #delay(): undefined {
    this.#delays += 1;
    this.#timers.confirm.set(confirmMs);
  }

  async #onReconnect(follower: RunFollower, { state }: MessageOf<"reconnect">): Promise<undefined> {
    this.#hasGap ||= this.#stream?.lastEventId === "";
    this.#isDown = state === "waiting";
    if (state === "open") {
      if (follower.unconfirmed !== undefined) this.#timers.confirm.set(confirmMs);
      return void this.#poll(follower);
    }
    if (this.#isReconnecting) return;
    this.#isReconnecting = true;
    await this.options.view.note("connection lost, reconnecting …");
  }

  async #take({ follower, show, next }: Step): Promise<FollowEnd | undefined> {
    const { view, answer, isOutputClosed } = this.options;
    this.#follower = follower;
    if (follower.question === "passed") this.#question?.abort();
    if (show !== undefined) {
      await view.show(show, follower.state);
      if (isOutputClosed?.()) return this.#end(follower, "closed");
    }
    if (next === "final") return this.#end(follower, next);
    if (next === "confirm") {
      this.#delays = 0;
      this.#timers.confirm.set(confirmMs);
    }
    if (next !== "ask") return undefined;
    if (answer === undefined) return this.#end(follower, "waiting");
    this.#question = new AbortController();
    const onAnswered = (error?: unknown) => this.#inbox.push({ kind: "answered", error });
    const asked = { state: follower.state, signal: this.#question.signal };
    answer(asked.state.question, asked).then(() => onAnswered(), onAnswered);
  }

  /** Once the stream is over, asks the automation for the final state. */
  async #lose(before: RunFollower, cause: unknown): Promise<FollowEnd> {
    const run = await this.#readRun(before);
    const follower = { ...before, run: run ?? before.run };
    const isOver = run !== undefined && run.status !== "running";
    const step = isOver ? await this.#backfill(follower, run) : { follower };
    return (await this.#take(step)) ?? { ...(await this.#end(step.follower, "lost")), cause };
  }

  async #end(follower: RunFollower, reason: FollowEnd["reason"]): Promise<FollowEnd> {
    this.#question?.abort();
    let { run, messages } = follower;
    if (reason === "final" && this.#hasGap && messages === undefined) {
      run = (await this.#readRun(follower)) ?? run;
      messages = await this.#readMessages(follower, run);
    }
    return { reason, state: follower.state, run, wholeText: fullerText(follower.state, messages) };
  }

  async #backfill(follower: RunFollower, run: Run): Promise<Step> {
    return backfill(follower, run, await this.#readMessages(follower, run));
  }

  #readRun({ state }: RunFollower): Promise<Run | undefined> {
    return tryReadRun(this.options.source, state.run_id, this.#over.signal);
  }

  #readMessages({ state }: RunFollower, run: Run | undefined): Promise<Message[] | undefined> {
    return tryReadMessages(this.options.source, { state, run, signal: this.#over.signal });
  }

  async #poll(follower: RunFollower): Promise<void> {
    this.#timers.poll.set(pollMs);
    this.#inbox.push({ kind: "read", seen: this.#events.seen, run: await this.#readRun(follower) });
  }
}
