import { path } from "../access.js";
import { UnexpectedAnswerError } from "../errors.js";
import { PagedList } from "../pages.js";
import type { CallOptions, Requester } from "../request.js";
import { isPresent, isSameValue } from "../same-value.js";
import { automationSchema, startedSchema } from "../schema.js";
import type { Automation, AutomationFields, List, PageQuery, RunOutcome, RunStatusEvent } from "../types.js";
import type { createEvents } from "./deployments.js";
import { type AutomationGuard, guardedCalls } from "./guarded.js";

type Events = ReturnType<typeof createEvents>;

/** Compares two schedules by meaning; undefined: can't tell. */
export type SameSchedule = (
  sent: string,
  stored: string,
) => boolean | undefined | Promise<boolean | undefined>;

/** src/api/README.md, "Automations". */
export function createAutomations(
  requester: Requester,
  { sameSchedule, events, guard }: { sameSchedule: SameSchedule; events: Events; guard?: AutomationGuard },
) {
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
     * Runs it now, and resolves when the run has completed, failed or asked a person something. Rejects where its events
     * can't be followed, and as `trigger`, which is called once they are open.
     */
    async run(deployment_id: string, automation_id: string, options?: CallOptions): Promise<RunOutcome> {
      const stream = await events.stream(deployment_id, {}, options);
      try {
        const { run_id } = await trigger(deployment_id, automation_id, options);
        for await (const event of stream) {
          if (event.run_id !== run_id) continue;
          if (event.type === "steering_request")
            return { run_id, status: "waiting_on_human", question: event.summary };
          if (event.type === "run_status" && event.status !== "running")
            return { run_id, status: event.status, ...errorOf(event) };
        }
        throw new UnexpectedAnswerError(`the events ended before the run ${run_id}`, { status: 204 });
      } finally {
        stream.close();
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

function errorOf({ error, message }: RunStatusEvent): { error?: string } {
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
