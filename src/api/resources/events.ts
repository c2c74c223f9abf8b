import type { OpenOptions, RawEventStream } from "../events/stream.js";
import { isObject, tryJson } from "../json.js";
import type { Requester, RequestOptions } from "../request.js";
import type { EventQuery, HermEvent, RawEvent, UnknownEvent } from "../types.js";
import { path } from "../urls.js";

/** The SDK's stream: one event after another. Leaving the loop closes it. */
export interface EventStream extends AsyncIterable<HermEvent | UnknownEvent> {
  /** The id that the stream would continue from. */
  readonly lastEventId: string;
  close(): void;
}

/** src/api/README.md, "Events". */
export function createEvents(requester: Requester) {
  return {
    /** Resolves when the stream is open. It reconnects by itself, and each event comes once. */
    async stream(
      deployment_id: string,
      query: EventQuery = {},
      options: RequestOptions & { lastEventId?: string } = {},
    ): Promise<EventStream> {
      return flatStream(await this.open(deployment_id, query, options));
    },

    /** Opens the same stream raw, a chunk's events at a time. */
    async open(deployment_id: string, query: EventQuery = {}, options: OpenOptions = {}) {
      const { run_id, thread_id } = query;
      // Most calls open no stream, and start sooner without its code.
      const { openEventStream } = await import("../events/stream.js");
      return openEventStream(requester, {
        path: path`/v1/deployments/${deployment_id}/events`,
        query: { thread_id, run_id },
        options,
      });
    },
  };
}

function flatStream(raw: RawEventStream): EventStream {
  return {
    get lastEventId() {
      return raw.lastEventId;
    },
    close: () => raw.close(),
    async *[Symbol.asyncIterator]() {
      for await (const batch of raw) yield* batch.map(flatten);
    },
  };
}

const known = {
  token: true,
  tool_call: true,
  tool_result: true,
  steering_request: true,
  run_status: true,
  filesystem: true,
} satisfies Record<HermEvent["type"], true>;

function flatten(raw: RawEvent): HermEvent | UnknownEvent {
  const { event, id, data } = raw;
  const value = Object.hasOwn(known, event) ? tryJson(data) : undefined;
  return isObject(value) ? ({ ...value, type: event, id } as unknown as HermEvent) : raw;
}
