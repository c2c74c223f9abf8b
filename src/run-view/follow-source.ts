import type { RawEventStream, ReconnectInfo } from "../api/events/stream.js";
import type { Message, Run, Thread } from "../api/types.js";
import type { RunState } from "./reduce.js";
import { messagesOf } from "./thread-text.js";

/** What is told of a cut. */
export type Reconnect = Pick<ReconnectInfo, "state">;

/** What following a run reads from. */
export interface FollowSource {
  /** Resolves when the stream is open, and rejects if it isn't within 10 s. */
  open(options: { signal: AbortSignal; onReconnect(info: Reconnect): void }): Promise<RawEventStream>;
  /** The run among its automation's recent ones; undefined if it isn't there. */
  tryReadRun(run_id: string, signal: AbortSignal): Promise<Run | undefined>;
  readThread(thread_id: string, signal: AbortSignal): Promise<Thread>;
}

/** The run as its automation shows it; undefined if that can't be read, since it is only ever a second opinion. */
export async function readRun(
  source: FollowSource,
  run_id: string,
  signal: AbortSignal,
): Promise<Run | undefined> {
  return source.tryReadRun(run_id, signal).catch(() => undefined);
}

/** The run's messages in its thread; undefined if that can't be read. */
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
