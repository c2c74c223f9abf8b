import { PagedList } from "../pages.js";
import type { Requester, RequestOptions } from "../request.js";
import { isPresent, isSameValue } from "../same-value.js";
import { automationDetailSchema, automationSchema, startedSchema } from "../schema.js";
import type { Automation, AutomationFields, List, PageQuery } from "../types.js";
import { path } from "../urls.js";

/** Compares two schedules by meaning; undefined: can't tell. */
export type SameSchedule = (
  sent: string,
  stored: string,
) => boolean | undefined | Promise<boolean | undefined>;

/** src/api/README.md, "Automations". */
export function createAutomations(requester: Requester, sameSchedule: SameSchedule) {
  const pathOfAll = (deployment_id: string) => path`/v1/deployments/${deployment_id}/automations`;
  const pathOf = (deployment_id: string, automation_id: string) =>
    path`/v1/deployments/${deployment_id}/automations/${automation_id}`;
  return {
    /** Sent at most once: AmbiguousError where it isn't known whether the automation was created. */
    async create(deployment_id: string, fields: AutomationFields, options?: RequestOptions) {
      const sent = { kind: "create", deployment_id, fields } as const;
      const schema = automationSchema;
      return requester.post({ path: pathOfAll(deployment_id), body: fields, schema, sent, options });
    },

    list(deployment_id: string, query?: PageQuery, options?: RequestOptions): List<Automation> {
      const schema = automationSchema;
      return new PagedList(requester, { path: pathOfAll(deployment_id), query, schema, options });
    },

    /** Reads the automation with its recent runs, newest first; `recent_runs` is always there. */
    async get(deployment_id: string, automation_id: string, options?: RequestOptions) {
      const schema = automationDetailSchema;
      return requester.get({ path: pathOf(deployment_id, automation_id), schema, options });
    },

    /** Repeated until its outcome is known; AmbiguousError where neither its attempts nor a GET after them show it. */
    async update(
      deployment_id: string,
      automation_id: string,
      fields: Partial<AutomationFields>,
      options?: RequestOptions,
    ) {
      const sent = { kind: "update", deployment_id, automation_id, fields } as const;
      const call = { path: pathOf(deployment_id, automation_id), body: fields, schema: automationSchema };
      return requester.patch({ ...call, sent, options }, (stored) => hasFields(stored, fields, sameSchedule));
    },

    /** Runs it now. Sent at most once: AmbiguousError where it isn't known whether a run was started. */
    async trigger(deployment_id: string, automation_id: string, options?: RequestOptions) {
      const sent = { kind: "trigger", deployment_id, automation_id } as const;
      const path = `${pathOf(deployment_id, automation_id)}/trigger`;
      return requester.post({ path, schema: startedSchema, sent, options });
    },

    /** Repeated as update; found gone by a later attempt counts as deleted. */
    async delete(deployment_id: string, automation_id: string, options?: RequestOptions): Promise<void> {
      const sent = { kind: "delete", deployment_id, automation_id } as const;
      const path = pathOf(deployment_id, automation_id);
      return requester.delete({ path, schema: automationSchema, sent, options });
    },
  };
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
