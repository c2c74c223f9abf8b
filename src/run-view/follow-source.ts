import type { RawEventStream, ReconnectInfo } from "../api/events/stream.js";
import type { Message, Run, Thread } from "../api/types.js";
import type { RunState } from "./reduce.js";
import { messagesOf } from "./thread-text.js";

export type Reconnect = Pick<ReconnectInfo, "state">;

export interface FollowSource {
  /** Rejects if the stream isn't open within 10 s. */
  open(options: { signal: AbortSignal; onReconnect(info: Reconnect): void }): Promise<RawEventStream>;
  readRun(run_id: string, signal: AbortSignal): Promise<Run | undefined>;
  readThread(thread_id: string, signal: AbortSignal): Promise<Thread>;
}

/** Reads a run, or undefined: it is only ever a second opinion. */
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
