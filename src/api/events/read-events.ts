import type { OpenResponse } from "../open-response.js";
import type { RawEvent } from "../types.js";
import { Normaliser } from "./normaliser.js";

interface ParsedChunk {
  events: RawEvent[];
  /** The id in each event's own block, or "" where `id` is from an earlier one. */
  ownIds: string[];
  lastId: string;
  retryMs: number | undefined;
  size: number;
}

interface ReadOptions {
  /** The id that the connection goes on from. */
  lastId: string;
  /** Milliseconds without a byte past which the connection is taken for dead. */
  silentMs: number;
}

/**
 * Reads one connection by `eventsource`, which parses and dispatches; gives the events of each chunk, and reads on when
 * the next are asked for. Throws what reading fails with, and EventTooLargeError. An event that isn't complete at the
 * end is lost. The package is closed at the end and at a failure, before it opens again by a clock of its own.
 */
export async function* readEvents(
  answer: Pick<OpenResponse, "chunks">,
  { lastId, silentMs }: ReadOptions,
): AsyncGenerator<ParsedChunk, void> {
  const { EventSource } = await import("eventsource");
  const normaliser = new Normaliser(lastId);
  let dispatched: MessageEvent[] = [];
  let give: (step: { done: false; value: Uint8Array }) => void = () => {};
  let onAsked: () => void = () => {};
  let onError: (reason: Error) => void = () => {};

  const read = () =>
    new Promise<{ done: false; value: Uint8Array }>((resolve) => {
      give = resolve;
      onAsked();
    });
  /** Resolves when the package asks for more: it is done with what it has. */
  const asksForMore = () =>
    new Promise<void>((resolve, reject) => {
      onAsked = resolve;
      onError = reject;
    });

  // Listeners see only the names that they ask for; here every event comes by, whatever its name.
  class Tap extends EventSource {
    override dispatchEvent(event: Event): boolean {
      if (event instanceof MessageEvent) dispatched.push(event);
      else if (event.type === "error") onError(new Error("the event stream's parser stopped"));
      return true;
    }
  }

  const isOpen = asksForMore();
  const source = new Tap("http://localhost/", {
    fetch: async () => ({
      url: "",
      status: 200,
      redirected: false,
      headers: { get: () => "text/event-stream" },
      body: { getReader: () => ({ read, cancel: async () => {} }) },
    }),
  });
  try {
    await isOpen;
    for await (const chunk of answer.chunks(() => silentMs)) {
      const { bytes, ids, lastId } = normaliser.push(chunk);
      const isParsed = asksForMore();
      give({ done: false, value: bytes });
      await isParsed;
      const events = dispatched.map(({ type, data }, at) => ({ event: type, id: ids[at] ?? "", data }));
      const ownIds = dispatched.map(({ lastEventId }) => lastEventId);
      dispatched = [];
      yield { events, ownIds, lastId, retryMs: normaliser.retryMs, size: chunk.length };
    }
  } finally {
    source.close();
  }
}
