import { path } from "../access.js";
import type { OpenOptions, RawEventStream } from "../events/stream.js";
import { isObject, tryJson } from "../json.js";
import { PagedList } from "../pages.js";
import type { CallOptions, Requester, RequestOptions } from "../request.js";
import { deploymentSchema, messageAnswerSchema, threadSchema, threadSummarySchema } from "../schema.js";
import type {
  DeploymentFields,
  DeploymentListQuery,
  DeploymentSummary,
  EventQuery,
  HermEvent,
  List,
  MessageFields,
  PageQuery,
  RawEvent,
  ThreadSummary,
  UnknownEvent,
} from "../types.js";

/** src/api/README.md, "Deployments"; of messages and events "Runs and threads" and "Events". */
export function createDeployments(requester: Requester) {
  const schema = deploymentSchema;
  return {
    /** Newest first. */
    list(query?: DeploymentListQuery, options?: CallOptions): List<DeploymentSummary> {
      return new PagedList<DeploymentSummary>(requester, { path: "/v1/deployments", query, schema, options });
    },

    async get(deployment_id: string, options?: CallOptions) {
      return requester.get({ path: path`/v1/deployments/${deployment_id}`, schema, options });
    },

    /** Sent at most once: AmbiguousError where it isn't known whether the deployment was created. */
    async create(fields: DeploymentFields, options?: CallOptions) {
      const sent = { kind: "create_deployment", fields } as const;
      return requester.post({ path: "/v1/deployments", body: fields, schema, sent, options });
    },

    messages: {
      /** Sent at most once: AmbiguousError where it isn't known whether the message arrived. */
      async send(deployment_id: string, fields: MessageFields, options?: CallOptions) {
        return requester.post({
          path: path`/v1/deployments/${deployment_id}/messages`,
          body: fields,
          schema: messageAnswerSchema,
          sent: { kind: "message", deployment_id, fields },
          options,
        });
      },
    },

    events: createEvents(requester),
  };
}

/** src/api/README.md, "Runs and threads". */
export function createThreads(requester: Requester) {
  return {
    list(deployment_id: string, query?: PageQuery, options?: CallOptions): List<ThreadSummary> {
      const schema = threadSummarySchema;
      return new PagedList(requester, {
        path: path`/v1/deployments/${deployment_id}/threads`,
        query,
        schema,
        options,
      });
    },

    async get(deployment_id: string, thread_id: string, options?: CallOptions) {
      const schema = threadSchema;
      return requester.get({
        path: path`/v1/deployments/${deployment_id}/threads/${thread_id}`,
        schema,
        options,
      });
    },
  };
}

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
      query?: EventQuery,
      options?: RequestOptions & { lastEventId?: string },
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
