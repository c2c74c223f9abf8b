import type { OpenResponse } from "../open-response.js";
import type { RawEvent } from "../types.js";
import { type NormalisedChunk, Normaliser } from "./normaliser.js";

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
  /** Names of the wanted events; others are skipped. */
  only?: ReadonlySet<string> | undefined;
}

/**
 * Reads one connection by `eventsource`, which parses and dispatches; gives the events of each chunk, and reads on when the next are
 * asked for. Throws what reading fails with, and EventTooLargeError. An event that isn't complete at the end is lost. The
 * package is closed at the end and at a failure, before it opens again by a clock of its own; the normaliser in front
 * keeps the ids, since it drops that of a block without data.
 */
export async function* readEvents(
  answer: Pick<OpenResponse, "status" | "header" | "chunks">,
  { lastId, silentMs, only }: ReadOptions,
): AsyncGenerator<ParsedChunk, void> {
  const { EventSource } = await import("eventsource");
  const normaliser = new Normaliser(lastId, only);
  const chunks = answer.chunks(() => silentMs)[Symbol.asyncIterator]();
  let dispatched: { event: string; data: string }[] = [];
  let readOn: () => void = () => {};
  let give: (parsed: ParsedChunk | undefined) => void = () => {};
  let fail: (reason: unknown) => void = () => {};

  const nextChunk = () =>
    new Promise<ParsedChunk | undefined>((resolve, reject) => {
      give = resolve;
      fail = reject;
      readOn();
    });
  /** Resolves when the next chunk is asked for. */
  const handOut = (normalised: NormalisedChunk, size: number) =>
    new Promise<void>((resolve) => {
      readOn = resolve;
      const events = dispatched.map(({ event, data }, at) => ({ event, id: normalised.ids[at] ?? "", data }));
      dispatched = [];
      give({ ...wanted(events, normalised, only), retryMs: normaliser.retryMs, size });
    });
  let parsing: { normalised: NormalisedChunk; size: number } | undefined;
  const read = async (): Promise<{ done: false; value: Uint8Array } | { done: true }> => {
    try {
      for (;;) {
        // Asking for more says that a chunk is done with.
        if (parsing !== undefined) await handOut(parsing.normalised, parsing.size);
        const { done, value } = await chunks.next();
        if (done) break;
        parsing = { normalised: normaliser.push(value), size: value.length };
        const { bytes } = parsing.normalised;
        if (bytes.length > 0) return { done: false, value: bytes };
      }
      source.close();
      give(undefined);
    } catch (error) {
      source.close();
      fail(error);
    }
    return { done: true };
  };

  // Listeners see only the names that they ask for; here every event comes by, whatever its name.
  class Tap extends EventSource {
    override dispatchEvent(event: Event): boolean {
      if ("data" in event) dispatched.push({ event: event.type, data: String(event.data) });
      else if (event.type === "error") fail(new Error("the event stream's parser stopped"));
      return true;
    }
  }

  const first = nextChunk();
  const source = new Tap("http://localhost/", {
    fetch: async () => ({
      url: "",
      status: answer.status,
      redirected: false,
      headers: { get: (name) => answer.header(name)?.toLowerCase() ?? null },
      body: { getReader: () => ({ read, cancel: async () => {} }) },
    }),
  });
  try {
    for (let parsed = await first; parsed !== undefined; parsed = await nextChunk()) yield parsed;
  } finally {
    source.close();
    await chunks.return(undefined);
  }
}

function wanted(
  events: RawEvent[],
  { ownIds, lastId }: NormalisedChunk,
  only: ReadonlySet<string> | undefined,
): Pick<ParsedChunk, "events" | "ownIds" | "lastId"> {
  if (only === undefined) return { events, ownIds, lastId };
  const isWanted = events.map(({ event }) => only.has(event));
  return {
    events: events.filter((_, at) => isWanted[at]),
    ownIds: ownIds.filter((_, at) => isWanted[at]),
    lastId,
  };
}
