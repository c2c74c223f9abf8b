import type { RawEvent } from "../types.js";
import { createDispatcher } from "./dispatcher.js";
import { Normaliser } from "./normaliser.js";

interface ParsedChunk {
  events: RawEvent[];
  /** The id in each event's own block, or "" where `id` is from an earlier one. */
  ownIds: string[];
  lastId: string;
  retryMs: number | undefined;
}

export interface StreamParser {
  /** One call at a time. Throws EventTooLargeError. */
  parse(chunk: Uint8Array): Promise<ParsedChunk>;
  close(): void;
}

/**
 * The parser of one connection, which continues from `lastId`. An event that isn't complete at its end is lost with it.
 * `only`: events of other names are skipped.
 */
export async function createStreamParser(lastId: string, only?: ReadonlySet<string>): Promise<StreamParser> {
  const normaliser = new Normaliser(lastId, only);
  const dispatcher = await createDispatcher();
  return {
    async parse(chunk) {
      const { bytes, ids, ownIds, lastId } = normaliser.push(chunk);
      const dispatched = bytes.length === 0 ? [] : await dispatcher.feed(bytes);
      const events = dispatched.map(({ event, data }, index) => ({ event, id: ids[index] ?? "", data }));
      const parsed = { lastId, retryMs: normaliser.retryMs };
      if (only === undefined) return { ...parsed, events, ownIds };
      const isWanted = events.map(({ event }) => only.has(event));
      return {
        ...parsed,
        events: events.filter((_, index) => isWanted[index]),
        ownIds: ownIds.filter((_, index) => isWanted[index]),
      };
    },
    close: () => dispatcher.close(),
  };
}
