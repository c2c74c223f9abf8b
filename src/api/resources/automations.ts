import { automationDetailDoor, automationDoor, startedDoor } from "../door.js";
import { PagedList } from "../pages.js";
import type { Requester, RequestOptions } from "../request.js";
import { isSameValue, isTold } from "../same-value.js";
import type { Automation, AutomationDetail, AutomationFields, List, PageQuery } from "../types.js";
import { path } from "../urls.js";

/** Tells whether two schedules mean the same; undefined: can't tell. */
export type SameSchedule = (
  sent: string,
  stored: string,
) => boolean | undefined | Promise<boolean | undefined>;

/** src/api/README.md, "Automations". */
export class Automations {
  readonly #requester: Requester;
  readonly #sameSchedule: SameSchedule;

  constructor(requester: Requester, sameSchedule: SameSchedule) {
    this.#requester = requester;
    this.#sameSchedule = sameSchedule;
  }

  /** Sent at most once: AmbiguousError where it isn't known whether the automation was created. */
  async create(
    deploymentId: string,
    fields: AutomationFields,
    options?: RequestOptions,
  ): Promise<Automation> {
    return this.#requester.post({
      path: path`/v1/deployments/${deploymentId}/automations`,
      body: fields,
      door: automationDoor,
      sent: { kind: "create", deployment_id: deploymentId, fields },
      options,
    });
  }

  list(deploymentId: string, query?: PageQuery, options?: RequestOptions): List<Automation> {
    return new PagedList<Automation>(this.#requester, {
      path: path`/v1/deployments/${deploymentId}/automations`,
      query,
      door: automationDoor,
      options,
    });
  }

  /** The automation with its recent runs, newest first; `recent_runs` is always there. */
  async get(deploymentId: string, automationId: string, options?: RequestOptions): Promise<AutomationDetail> {
    return this.#requester.get({
      path: path`/v1/deployments/${deploymentId}/automations/${automationId}`,
      door: automationDetailDoor,
      options,
    });
  }

  /** Repeated until it is settled; AmbiguousError where neither its attempts nor a GET after them settle it. */
  async update(
    deploymentId: string,
    automationId: string,
    fields: Partial<AutomationFields>,
    options?: RequestOptions,
  ): Promise<Automation> {
    return this.#requester.patch(
      {
        path: path`/v1/deployments/${deploymentId}/automations/${automationId}`,
        body: fields,
        door: automationDoor,
        sent: { kind: "update", deployment_id: deploymentId, automation_id: automationId, fields },
        options,
      },
      (stored) => hasFields(stored, fields, this.#sameSchedule),
    );
  }

  /** Runs it now. Sent at most once: AmbiguousError where it isn't known whether a run was started. */
  async trigger(
    deploymentId: string,
    automationId: string,
    options?: RequestOptions,
  ): Promise<{ run_id: string }> {
    return this.#requester.post({
      path: path`/v1/deployments/${deploymentId}/automations/${automationId}/trigger`,
      door: startedDoor,
      sent: { kind: "trigger", deployment_id: deploymentId, automation_id: automationId },
      options,
    });
  }

  /** Repeated until it is settled, as update; found gone by a later attempt counts as deleted. */
  async delete(deploymentId: string, automationId: string, options?: RequestOptions): Promise<void> {
    return this.#requester.delete({
      path: path`/v1/deployments/${deploymentId}/automations/${automationId}`,
      door: automationDoor,
      sent: { kind: "delete", deployment_id: deploymentId, automation_id: automationId },
      options,
    });
  }
}

/** Whether a stored automation has every field as it was sent; undefined: one isn't told, or a schedule may have been rewritten. */
function hasFields(
  stored: Automation,
  { schedule, ...others }: Partial<AutomationFields>,
  sameSchedule: SameSchedule,
): boolean | undefined | Promise<boolean | undefined> {
  const sent = Object.entries(others).filter(([, value]) => value !== undefined);
  const differing = sent.filter(([field, value]) => !isSameValue(stored[field], value));
  if (differing.some(([field]) => isTold(stored[field]))) return false;
  const isAll = differing.length === 0;
  if (schedule === undefined || schedule === stored.schedule) return isAll || undefined;
  return isAll && isTold(stored.schedule) ? sameSchedule(schedule, stored.schedule) : undefined;
}

const plainCron = /^\d+( \d+| \*){4}$/;

/** Without knowledge of schedules: only two plain crons that differ are surely different. */
export const comparePlainCrons: SameSchedule = (sent, stored) =>
  plainCron.test(sent) && plainCron.test(stored) ? false : undefined;
