import type { RawEvent, Run, Thread } from "../api/types.js";

/** An open stream: what has come together, in order. Leaving the loop or `close` ends the connection. */
export interface EventBatches extends AsyncIterable<RawEvent[]> {
  close(): void;
  /** Empty until an id has come. */
  readonly lastEventId: string;
}

/** `waiting`: cut, and tried again after a while. `open`: back. */
export interface Reconnect {
  state: "waiting" | "open";
}

/** What following a run reads from. */
export interface FollowSource {
  /** Resolves when the stream is open, and rejects if it isn't within 10 s. */
  open(options: { signal: AbortSignal; onReconnect(info: Reconnect): void }): Promise<EventBatches>;
  /** The run among its automation's recent ones; undefined if it isn't there. */
  readRun(runId: string, signal: AbortSignal): Promise<Run | undefined>;
  readThread(threadId: string, signal: AbortSignal): Promise<Thread>;
}
