/** The calls for automations and deployments, with the checks around a single automation. */

import { innerController } from "./abort.js";
import { AmbiguousError, UnexpectedAnswerError } from "./errors.js";
import type { OpenOptions, RawEventStream } from "./events/stream.js";
import { path } from "./fetch.js";
import { isObject, isPresent, isSameValue, tryJson } from "./json.js";
import { PagedList } from "./pages.js";
import type { CallOptions, Requester, RequestOptions } from "./request.js";
import {
  automationDetailSchema,
  automationSchema,
  deploymentSchema,
  messageAnswerSchema,
  startedSchema,
  threadSchema,
  threadSummarySchema,
} from "./schema.js";
import type {
  Automation,
  AutomationDetail,
  AutomationFields,
  AutomationRef,
  DeploymentFields,
  DeploymentListQuery,
  DeploymentSummary,
  EventQuery,
  HermEvent,
  List,
  MessageFields,
  PageQuery,
  RawEvent,
  Run,
  RunOutcome,
  Thread,
  ThreadSummary,
  UnknownEvent,
} from "./types.js";

interface Needs {
  sameSchedule: SameSchedule;
  events: ReturnType<typeof createEvents>;
  threads: ReturnType<typeof createThreads>;
  guard?: AutomationGuard;
}

export interface RunOptions extends RequestOptions {
  /** Called with each event of the run as it arrives; the next one waits for the returned promise. */
  onEvent?(event: HermEvent): unknown;
}

/** Compares the meaning of two schedules; undefined: can't tell. */
export type SameSchedule = (
  sent: string,
  stored: string,
) => boolean | undefined | Promise<boolean | undefined>;

/** src/api/README.md, "Automations". */
export function createAutomations(requester: Requester, { sameSchedule, events, threads, guard }: Needs) {
  const pathOfAll = (deployment_id: string) => path`/v1/deployments/${deployment_id}/automations`;
  const pathOf = (deployment_id: string, automation_id: string) =>
    path`/v1/deployments/${deployment_id}/automations/${automation_id}`;
  /** Runs it now. Sent at most once: throws AmbiguousError if it's unknown whether a run was started. */
  const trigger = async (deployment_id: string, automation_id: string, options?: CallOptions) => {
    const sent = { kind: "trigger", deployment_id, automation_id } as const;
    const path = `${pathOf(deployment_id, automation_id)}/trigger`;
    return requester.post({ path, schema: startedSchema, sent, options });
  };
  const { read, change } = guardedCalls(requester, pathOf, guard);
  return {
    /** Sent at most once: throws AmbiguousError if it's unknown whether the automation was created. */
    async create(deployment_id: string, fields: AutomationFields, options?: CallOptions) {
      const sent = { kind: "create", deployment_id, fields } as const;
      const schema = automationSchema;
      return requester.post({ path: pathOfAll(deployment_id), body: fields, schema, sent, options });
    },

    list(deployment_id: string, query?: PageQuery, options?: CallOptions): List<Automation> {
      const schema = automationSchema;
      return new PagedList(requester, { path: pathOfAll(deployment_id), query, schema, options });
    },

    /** Reads the automation with its recent runs, newest first; `recent_runs` is always set. */
    async get(deployment_id: string, automation_id: string, options?: CallOptions) {
      return read({ deployment_id, automation_id }, options);
    },

    /** Retried until a response arrives; throws AmbiguousError if no response shows its effect. */
    async update(
      deployment_id: string,
      automation_id: string,
      fields: Partial<AutomationFields>,
      options?: CallOptions,
    ) {
      const sent = { kind: "update", deployment_id, automation_id, fields } as const;
      const call = { path: pathOf(deployment_id, automation_id), body: fields, schema: automationSchema };
      const isIn = (stored: Automation) => hasFields(stored, fields, sameSchedule);
      const send = () => requester.patch({ ...call, sent, options }, isIn);
      return change({ deployment_id, automation_id }, { options, send });
    },

    trigger,

    /**
     * Runs it now, and resolves once the run has completed, failed or asked a question. Its events show that, or its
     * state after each reconnect, because lost events aren't always replayed. Calls `trigger` once the event stream is
     * open, and rejects like it; rejects after that with an AmbiguousError that contains the run's id.
     */
    async run(deployment_id: string, automation_id: string, given?: RunOptions): Promise<RunOutcome> {
      const { onEvent, ...options } = given ?? {};
      const sent = { kind: "trigger", deployment_id, automation_id } as const;
      const sentAt = new Date(requester.settings.now());
      const over = innerController(options.signal);
      const within: OpenOptions = {
        ...options,
        signal: over.signal,
        onReconnect: ({ state }) => state === "open" && look().catch((error) => over.abort(error)),
      };
      let run_id: string | undefined;
      let outcome: RunOutcome | undefined;
      const look = async () => {
        const { recent_runs } = await read({ deployment_id, automation_id }, within);
        const run = recent_runs.find((each) => each.run_id === run_id);
        if (!run?.status || run.status === "running") return;
        const { thread_id, status } = run;
        const isAsking = status === "waiting_on_human" && thread_id;
        const thread =
          isAsking && (await threads.get(deployment_id, thread_id, within).catch(() => undefined));
        outcome = { run_id: run.run_id, status, ...(thread ? questionOf(thread, run) : errorOf(run)) };
        over.abort();
      };
      try {
        const stream = await events.stream(deployment_id, {}, within);
        run_id = (await trigger(deployment_id, automation_id, within)).run_id;
        for await (const event of stream) {
          if (event.type === undefined || event.run_id !== run_id) continue;
          await onEvent?.(event);
          if (event.type === "steering_request")
            return { run_id, status: "waiting_on_human", question: event.summary };
          if (event.type === "run_status" && event.status !== "running")
            return { run_id, status: event.status, ...errorOf(event) };
        }
        throw new UnexpectedAnswerError(`the events ended before the run ${run_id} did`, { status: 204 });
      } catch (cause) {
        if (outcome !== undefined) return outcome;
        throw run_id === undefined ? cause : new AmbiguousError({ sent, sentAt, cause, run_id });
      } finally {
        over.abort();
      }
    },

    /** Retried like update; a 404 on a later attempt counts as deleted. */
    async delete(deployment_id: string, automation_id: string, options?: CallOptions): Promise<void> {
      const sent = { kind: "delete", deployment_id, automation_id } as const;
      const path = pathOf(deployment_id, automation_id);
      const send = () => requester.delete({ path, schema: automationSchema, sent, options });
      return change({ deployment_id, automation_id }, { options, send, isDeletion: true });
    },
  };
}

function questionOf({ messages }: Thread, { run_id }: Run): { question?: string } {
  const said = messages.filter((each) => each.role === "agent" && each.run_id === run_id).at(-1)?.content;
  return typeof said === "string" ? { question: said } : {};
}

function errorOf({ error, message }: { error?: unknown; message?: unknown }): { error?: string } {
  const reason = error ?? message;
  return typeof reason === "string" ? { error: reason } : {};
}

function hasFields(
  stored: Automation,
  { schedule, ...others }: Partial<AutomationFields>,
  sameSchedule: SameSchedule,
): boolean | undefined | Promise<boolean | undefined> {
  const sent = Object.entries(others).filter(([, value]) => value !== undefined);
  const differing = sent.filter(([field, value]) => !isSameValue(stored[field], value));
  if (differing.some(([field]) => isPresent(stored[field]))) return false;
  const isAll = differing.length === 0;
  if (schedule === undefined || schedule === stored.schedule) return isAll || undefined;
  return isAll && isPresent(stored.schedule) ? sameSchedule(schedule, stored.schedule) : undefined;
}

const plainCron = /^\d+( \d+| \*){4}$/;

export const comparePlainCrons: SameSchedule = (sent, stored) =>
  plainCron.test(sent) && plainCron.test(stored) ? false : undefined;

/** A call about an automation, and a way to check a 404. */
export interface AutomationCall<T> extends AutomationRef {
  options: CallOptions | undefined;
  isDeletion?: boolean;
  send(): Promise<T>;
  read(options: CallOptions): Promise<AutomationDetail>;
  /** Called with the automation if a read finds it after all. */
  found(reading: AutomationDetail): Promise<T>;
}

export type AutomationGuard = <T>(call: AutomationCall<T>) => Promise<T>;

function guardedCalls(
  requester: Requester,
  pathOf: (deployment_id: string, automation_id: string) => string,
  guard: AutomationGuard = ({ send }) => send(),
) {
  const reader = (ref: AutomationRef) => (options?: CallOptions) => {
    const path = pathOf(ref.deployment_id, ref.automation_id);
    return requester.get({ path, schema: automationDetailSchema, options });
  };
  return {
    async read(ref: AutomationRef, options?: CallOptions): Promise<AutomationDetail> {
      const read = reader(ref);
      return guard({ ...ref, options, read, send: () => read(options), found: async (reading) => reading });
    },

    async change<T>(
      ref: AutomationRef,
      { options, ...call }: Pick<AutomationCall<T>, "options" | "send" | "isDeletion">,
    ): Promise<T> {
      const found = async () => {
        const leftMs = options?.maxWaitMs ?? requester.settings.maxWaitMs;
        await options?.beforeResend?.({ leftMs, isLost: false });
        return call.send();
      };
      return guard({ ...ref, options, ...call, found, read: reader(ref) });
    },
  };
}

/** src/api/README.md, "Deployments"; for messages and events "Runs and threads" and "Events". */
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

    /** Sent at most once: throws AmbiguousError if it's unknown whether the deployment was created. */
    async create(fields: DeploymentFields, options?: CallOptions) {
      const sent = { kind: "create_deployment", fields } as const;
      return requester.post({ path: "/v1/deployments", body: fields, schema, sent, options });
    },

    messages: {
      /** Sent at most once: throws AmbiguousError if it's unknown whether the message arrived. */
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
  /** The id after which the stream would continue. */
  readonly lastEventId: string;
  close(): void;
}

/** src/api/README.md, "Events". */
function createEvents(requester: Requester) {
  return {
    /** Resolves once the stream is open. The stream reconnects by itself, and yields each event once. */
    async stream(
      deployment_id: string,
      query?: EventQuery,
      options?: RequestOptions & { lastEventId?: string },
    ): Promise<EventStream> {
      return flatStream(await this.open(deployment_id, query, options));
    },

    /** Opens the same stream without conversion, one chunk's events at a time. */
    async open(deployment_id: string, query: EventQuery = {}, options: OpenOptions = {}) {
      const { run_id, thread_id } = query;
      // Most calls open no stream, and start faster without its code.
      const { openEventStream } = await import("./events/stream.js");
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
