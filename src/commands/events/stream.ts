import { reconnectDelayMs } from "../../api/events/stream.js";
import type { EventQuery, RawEvent } from "../../api/types.js";
import type { Context } from "../../context.js";
import { exitCodes } from "../../errors.js";
import { exitCodeOf } from "../../exit-code.js";

export interface StreamReading {
  deployment_id: string;
  query: EventQuery;
  since?: string | undefined;
  signal?: AbortSignal;
  gatherMs?: number;
  onOpen?(): void;
  /** Resolves when they were written: only then do their ids count as seen. */
  onEvents(events: readonly RawEvent[]): Promise<void>;
  onCut(): void;
  isClosed(): boolean;
}

/** Reads a stream until it is over or nobody reads any more. Throws what opening throws, and the API's refusal. */
export async function readStream(context: Context, reading: StreamReading): Promise<void> {
  const { deployment_id, query, since, signal = context.signal, gatherMs } = reading;
  const client = await context.client();
  let isCut = false;
  const stream = await client.deployments.events.open(deployment_id, query, {
    signal,
    lastEventId: since,
    gatherMs,
    onReconnect: ({ state }) => {
      if (state === "open") reading.onOpen?.();
      else if (!isCut) reading.onCut();
      isCut = state === "waiting";
    },
  });
  client.stopReportingSilence();
  reading.onOpen?.();
  try {
    for await (const batch of stream) {
      await reading.onEvents(batch);
      if (reading.isClosed()) return;
    }
  } finally {
    stream.close();
  }
}

/** Reads as `readStream`, but retries without end where the API can't be reached, and reports that once in a row. */
export async function readStreamWithRetries(
  context: Context,
  reading: StreamReading & { onUnopened(error: unknown): void },
): Promise<void> {
  const { signal = context.signal } = reading;
  for (let failuresInARow = 1; ; failuresInARow += 1) {
    try {
      return await readStream(context, reading);
    } catch (error) {
      if (signal.aborted || exitCodeOf(error) !== exitCodes.unreachable) throw error;
      if (failuresInARow === 1) reading.onUnopened(error);
      await context.sleep(reconnectDelayMs({ failuresInARow, random: Math.random() }), signal);
    }
  }
}
