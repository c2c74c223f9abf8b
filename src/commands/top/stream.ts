import { reconnectDelayMs } from "../../api/events/stream.js";
import type { RawEvent } from "../../api/types.js";
import type { Context } from "../../context/context.js";
import { exitCodes } from "../../errors/errors.js";
import { exitCodeOf } from "../../errors/exit-code.js";

export interface StreamReading {
  deployment_id: string;
  signal: AbortSignal;
  gatherMs: number;
  onOpen(): void;
  onEvents(events: readonly RawEvent[]): void;
  /** The connection was lost, or can't be made yet. */
  onCut(): void;
}

/** Reads a stream until it is over, and retries without end where the API can't be reached. Throws the API's refusal. */
export async function readStream(context: Context, reading: StreamReading): Promise<void> {
  const { signal } = reading;
  for (let failuresInARow = 1; ; failuresInARow += 1) {
    try {
      return await readOnce(context, reading);
    } catch (error) {
      if (signal.aborted || exitCodeOf(error) !== exitCodes.unreachable) throw error;
      reading.onCut();
      await context.sleep(reconnectDelayMs({ failuresInARow, random: Math.random() }), signal);
    }
  }
}

async function readOnce(context: Context, reading: StreamReading): Promise<void> {
  const { deployment_id, signal, gatherMs } = reading;
  const client = await context.client();
  const stream = await client.deployments.events.open(
    deployment_id,
    {},
    {
      signal,
      gatherMs,
      onReconnect: ({ state }) => {
        if (state === "open") reading.onOpen();
        else reading.onCut();
      },
    },
  );
  client.stopReportingSilence();
  reading.onOpen();
  try {
    for await (const batch of stream) reading.onEvents(batch);
  } finally {
    stream.close();
  }
}
