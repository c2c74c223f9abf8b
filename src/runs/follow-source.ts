import type { RawEventStream, ReconnectInfo } from "../api/events/stream.js";
import type { Message, RawEvent, Run, Thread } from "../api/types.js";
import type { RunView, Sleep } from "./live-view.js";
import type { RunState } from "./reduce.js";
import { messagesOf } from "./thread-text.js";

type Reconnect = Pick<ReconnectInfo, "state">;

export interface FollowSource {
  /** Rejects if the stream doesn't open within 10 s. */
  open(options: { signal: AbortSignal; onReconnect(info: Reconnect): void }): Promise<RawEventStream>;
  readRun(run_id: string, signal: AbortSignal): Promise<Run | undefined>;
  readThread(thread_id: string, signal: AbortSignal): Promise<Thread>;
}

/** Reads a run; undefined if that fails, because the events in its stream are enough to follow it. */
export async function tryReadRun(
  source: FollowSource,
  run_id: string,
  signal: AbortSignal,
): Promise<Run | undefined> {
  return source.readRun(run_id, signal).catch(() => undefined);
}

export async function tryReadMessages(
  source: FollowSource,
  { state, run, signal }: { state: RunState; run: Run | undefined; signal: AbortSignal },
): Promise<Message[] | undefined> {
  const thread_id = state.thread_id ?? run?.thread_id;
  if (!thread_id) return undefined;
  try {
    const thread = await source.readThread(thread_id, signal);
    return messagesOf(thread, run ?? { run_id: state.run_id, started_at: "" });
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

export interface FollowOptions {
  source: FollowSource;
  view: RunView;
  sleep: Sleep;
  /** Ends the following of the run, but never the run itself. */
  signal: AbortSignal;
  timeoutMs: number | undefined;
  /** Called once the stream is open; starts the run, or joins it. */
  start(): Promise<RunStart>;
  /** Its signal aborts if the run continues. Absent if there is no user to ask. */
  answer?(question: string | undefined, asked: { state: RunState; signal: AbortSignal }): Promise<void>;
  /** True if nobody reads the output any more, and no outcome depends on it. */
  isOutputClosed?(): boolean;
}

export interface RunStart {
  run_id: string;
  thread_id?: string;
  joined?: { run: Run; messages: readonly Message[] };
}

export interface FollowEnd {
  /** `final`: the run completed or failed. `lost`: its stream can no longer be read. */
  reason: "final" | "waiting" | "timeout" | "lost" | "closed";
  state: RunState;
  run: Run | undefined;
  /** The whole text, if only part of it was in the stream. */
  wholeText: string | undefined;
  cause?: unknown;
  /** The last event before the first one of the run. */
  afterEvent?: string | undefined;
}

export type FollowMessage =
  | { kind: "batch"; batch: RawEvent[]; done(): void }
  | { kind: "over"; cause: unknown }
  | { kind: "reconnect"; state: Reconnect["state"] }
  | { kind: "poll" | "confirm" | "timeout" | "abort" }
  | { kind: "started"; start: RunStart }
  | { kind: "failed"; cause: unknown }
  | { kind: "read"; run: Run | undefined; seen: number }
  | { kind: "answered"; error?: unknown };
