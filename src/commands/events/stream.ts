import type { EventQuery, RawEvent } from "../../api/types.js";
import type { Context } from "../../context.js";

export interface StreamReading {
  deploymentId: string;
  query: EventQuery;
  /** Goes on behind this event; without it with what comes. */
  since?: string | undefined;
  /** Ends it, beside Ctrl-C. */
  signal?: AbortSignal;
  /** Resolves when they were written: only then do their ids count as seen. */
  onEvents(events: readonly RawEvent[]): Promise<void>;
  /** The connection broke, and it is tried again. */
  onCut(): void;
  /** Whether nobody reads any more. */
  isUnread(): boolean;
}

/** Reads a deployment's stream until it is over or nobody reads any more. Throws what opening throws, and the API's refusal. */
export async function readStream(context: Context, reading: StreamReading): Promise<void> {
  const { deploymentId, query, since, signal = context.signal } = reading;
  const client = await context.client();
  let isCut = false;
  const stream = await client.deployments.events.open(deploymentId, query, {
    signal,
    lastEventId: since,
    onReconnect: ({ state }) => {
      if (state === "waiting" && !isCut) reading.onCut();
      isCut = state === "waiting";
    },
  });
  try {
    for await (const batch of stream) {
      await reading.onEvents(batch);
      if (reading.isUnread()) return;
    }
  } finally {
    stream.close();
  }
}
