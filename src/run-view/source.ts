import type { RawEventStream, ReconnectInfo } from "../api/events/stream.js";
import type { Run, Thread } from "../api/types.js";

/** What is told of a cut. */
export type Reconnect = Pick<ReconnectInfo, "state">;

/** What following a run reads from. */
export interface FollowSource {
  /** Resolves when the stream is open, and rejects if it isn't within 10 s. */
  open(options: { signal: AbortSignal; onReconnect(info: Reconnect): void }): Promise<RawEventStream>;
  /** The run among its automation's recent ones; undefined if it isn't there. */
  readRun(runId: string, signal: AbortSignal): Promise<Run | undefined>;
  readThread(threadId: string, signal: AbortSignal): Promise<Thread>;
}
