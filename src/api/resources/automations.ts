import { PagedList } from "../pages.js";
import type { Requester, RequestOptions } from "../request.js";
import { isPresent, isSameValue } from "../same-value.js";
import { automationDetailSchema, automationSchema, startedSchema } from "../schema.js";
import type { Automation, AutomationDetail, AutomationFields, List, PageQuery } from "../types.js";
import { path } from "../urls.js";

/** Compares two schedules by meaning; undefined: can't tell. */
export type SameSchedule = (
  sent: string,
  stored: string,
) => boolean | undefined | Promise<boolean | undefined>;

/** src/api/README.md, "Automations". */
export function createAutomations(requester: Requester, sameSchedule: SameSchedule) {
  return {
    /** Sent at most once: AmbiguousError where it isn't known whether the automation was created. */
    async create(
      deployment_id: string,
      fields: AutomationFields,
      options?: RequestOptions,
    ): Promise<Automation> {
      return requester.post({
        path: path`/v1/deployments/${deployment_id}/automations`,
        body: fields,
        schema: automationSchema,
        sent: { kind: "create", deployment_id, fields },
        options,
      });
    },

    list(deployment_id: string, query?: PageQuery, options?: RequestOptions): List<Automation> {
      return new PagedList<Automation>(requester, {
        path: path`/v1/deployments/${deployment_id}/automations`,
        query,
        schema: automationSchema,
        options,
      });
    },

    /** Reads the automation with its recent runs, newest first; `recent_runs` is always there. */
    async get(
      deployment_id: string,
      automation_id: string,
      options?: RequestOptions,
    ): Promise<AutomationDetail> {
      return requester.get({
        path: path`/v1/deployments/${deployment_id}/automations/${automation_id}`,
        schema: automationDetailSchema,
        options,
      });
    },

    /** Repeated until its outcome is known; AmbiguousError where neither its attempts nor a GET after them show it. */
    async update(
      deployment_id: string,
      automation_id: string,
      fields: Partial<AutomationFields>,
      options?: RequestOptions,
    ): Promise<Automation> {
      return requester.patch(
        {
          path: path`/v1/deployments/${deployment_id}/automations/${automation_id}`,
          body: fields,
          schema: automationSchema,
          sent: { kind: "update", deployment_id, automation_id, fields },
          options,
        },
        (stored) => hasFields(stored, fields, sameSchedule),
      );
    },

    /** Runs it now. Sent at most once: AmbiguousError where it isn't known whether a run was started. */
    async trigger(
      deployment_id: string,
      automation_id: string,
      options?: RequestOptions,
    ): Promise<{ run_id: string }> {
      return requester.post({
        path: path`/v1/deployments/${deployment_id}/automations/${automation_id}/trigger`,
        schema: startedSchema,
        sent: { kind: "trigger", deployment_id, automation_id },
        options,
      });
    },

    /** Repeated as update; found gone by a later attempt counts as deleted. */
    async delete(deployment_id: string, automation_id: string, options?: RequestOptions): Promise<void> {
      return requester.delete({
        path: path`/v1/deployments/${deployment_id}/automations/${automation_id}`,
        schema: automationSchema,
        sent: { kind: "delete", deployment_id, automation_id },
        options,
      });
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
