import type { RawEventStream } from "../../src/api/events/stream.js";
import type { Message, RawEvent, Run, Thread } from "../../src/api/types.js";
import type { FollowSource } from "../../src/runs/follow-source.js";

/** A stream, an automation and a thread with scripted content. */
export class ScriptedSource implements FollowSource {
  /** The requests, in order. */
  readonly asked: string[] = [];
  run: Run | undefined;
  messages: Message[] | undefined;
  lastEventId = "";
  /** The error for opening or reading. */
  openFailure: Error | undefined;
  readFailure: Error | undefined;
  isClosed = false;
  signal: AbortSignal | undefined;
  #onReconnect: Parameters<FollowSource["open"]>[0]["onReconnect"] = () => undefined;
  readonly #batches: (RawEvent[] | Error | "over")[] = [];
  #wake: () => void = () => undefined;
  /** The number of batches consumed. */
  taken = 0;

  async open({ signal, onReconnect }: Parameters<FollowSource["open"]>[0]): Promise<RawEventStream> {
    this.asked.push("open");
    this.#onReconnect = onReconnect;
    this.signal = signal;
    if (this.openFailure !== undefined) throw this.openFailure;
    const source = this;
    return {
      close: () => {
        this.isClosed = true;
        this.#wake();
      },
      get lastEventId() {
        return source.lastEventId;
      },
      [Symbol.asyncIterator]: () => this.#read(),
    };
  }

  async *#read(): AsyncGenerator<RawEvent[]> {
    while (!this.isClosed) {
      const next = this.#batches.shift();
      if (next instanceof Error) throw next;
      if (next === "over") return;
      if (next !== undefined) {
        this.taken += 1;
        yield next;
        continue;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async readRun(run_id: string): Promise<Run | undefined> {
    this.asked.push("run");
    if (this.readFailure !== undefined) throw this.readFailure;
    return this.run?.run_id === run_id ? this.run : undefined;
  }

  async readThread(thread_id: string): Promise<Thread> {
    this.asked.push(`thread ${thread_id}`);
    if (this.messages === undefined) throw new Error("no such thread");
    return { thread_id, messages: this.messages };
  }

  send(...events: RawEvent[]): void {
    this.lastEventId = events.at(-1)?.id ?? this.lastEventId;
    this.#push(events);
  }

  fail(error: Error): void {
    this.#push(error);
  }

  finish(): void {
    this.#push("over");
  }

  cut(): void {
    this.#onReconnect({ state: "waiting" });
  }

  /** Cuts the stream, and reconnects it at once. */
  reconnect(): void {
    this.cut();
    this.#onReconnect({ state: "open" });
  }

  #push(next: RawEvent[] | Error | "over"): void {
    this.#batches.push(next);
    this.#wake();
  }
}

export function run(status: Run["status"], more: Partial<Run> = {}): Run {
  return { run_id: "run_1", thread_id: "thr_1", status, started_at: "2026-03-02T09:00:00Z", ...more };
}

export function agent(content: string, run_id: string | null = "run_1"): Message {
  return { role: "agent", content, run_id, created_at: "2026-03-02T09:00:05Z" };
}

export function user(content: string): Message {
  return { ...agent(content), role: "user" };
}
