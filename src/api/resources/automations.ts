import { innerController } from "../abort.js";
import { path } from "../access.js";
import { AmbiguousError, UnexpectedAnswerError } from "../errors.js";
import type { OpenOptions } from "../events/stream.js";
import { PagedList } from "../pages.js";
import type { CallOptions, Requester, RequestOptions } from "../request.js";
import { isPresent, isSameValue } from "../same-value.js";
import { automationSchema, startedSchema } from "../schema.js";
import type {
  Automation,
  AutomationFields,
  HermEvent,
  List,
  PageQuery,
  Run,
  RunOutcome,
  Thread,
} from "../types.js";
import type { createEvents, createThreads } from "./deployments.js";
import { type AutomationGuard, guardedCalls } from "./guarded.js";

interface Beside {
  sameSchedule: SameSchedule;
  events: ReturnType<typeof createEvents>;
  threads: ReturnType<typeof createThreads>;
  guard?: AutomationGuard;
}

export interface RunOptions extends RequestOptions {
  /** Called with each event of the run as it comes; the next one waits for what it returns. */
  onEvent?(event: HermEvent): unknown;
}

/** Compares two schedules by meaning; undefined: can't tell. */
export type SameSchedule = (
  sent: string,
  stored: string,
) => boolean | undefined | Promise<boolean | undefined>;

/** src/api/README.md, "Automations". */
export function createAutomations(requester: Requester, { sameSchedule, events, threads, guard }: Beside) {
  const pathOfAll = (deployment_id: string) => path`/v1/deployments/${deployment_id}/automations`;
  const pathOf = (deployment_id: string, automation_id: string) =>
    path`/v1/deployments/${deployment_id}/automations/${automation_id}`;
  /** Runs it now. Sent at most once: AmbiguousError where it isn't known whether a run was started. */
  const trigger = async (deployment_id: string, automation_id: string, options?: CallOptions) => {
    const sent = { kind: "trigger", deployment_id, automation_id } as const;
    const path = `${pathOf(deployment_id, automation_id)}/trigger`;
    return requester.post({ path, schema: startedSchema, sent, options });
  };
  const { read, change } = guardedCalls(requester, pathOf, guard);
  return {
    /** Sent at most once: AmbiguousError where it isn't known whether the automation was created. */
    async create(deployment_id: string, fields: AutomationFields, options?: CallOptions) {
      const sent = { kind: "create", deployment_id, fields } as const;
      const schema = automationSchema;
      return requester.post({ path: pathOfAll(deployment_id), body: fields, schema, sent, options });
    },

    list(deployment_id: string, query?: PageQuery, options?: CallOptions): List<Automation> {
      const schema = automationSchema;
      return new PagedList(requester, { path: pathOfAll(deployment_id), query, schema, options });
    },

    /** Reads the automation with its recent runs, newest first; `recent_runs` is always there. */
    async get(deployment_id: string, automation_id: string, options?: CallOptions) {
      return read({ deployment_id, automation_id }, options);
    },

    /** Repeated until it is answered; AmbiguousError where no answer says whether it took effect. */
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
     * Runs it now, and resolves when the run has completed, failed or asked a person something: by its events, and by
     * its state after each reconnect, since a lost event isn't always replayed. Rejects as `trigger`, which is called
     * once the events are open; after it with an AmbiguousError that has the run's id.
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
        throw new UnexpectedAnswerError(`the events ended before the run ${run_id}`, { status: 204 });
      } catch (cause) {
        if (outcome !== undefined) return outcome;
        throw run_id === undefined ? cause : new AmbiguousError({ sent, sentAt, cause, run_id });
      } finally {
        over.abort();
      }
    },

    /** Repeated as update; found gone by a later attempt counts as deleted. */
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
