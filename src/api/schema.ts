/** Schemas for the API's responses, and facts that a response alone can show. */

import { isObject, replaceField } from "./json.js";
import type {
  Automation,
  AutomationDetail,
  Deployment,
  Message,
  MessageAnswer,
  Run,
  RunStatus,
  Thread,
  ThreadSummary,
} from "./types.js";

type Check = (value: unknown) => boolean;

interface ListField {
  schema: Schema<object>;
  otherwise?: string;
  /** True: the list may be missing, and then reads as empty. */
  isOptional?: boolean;
}

/**
 * Validates a response's objects, only here and once. A known field with an invalid value becomes null, as its type
 * says; JSON output shows the original (`replaceField`).
 */
export class Schema<T extends object> {
  readonly idField: string;
  readonly #fields: readonly (readonly [field: string, check: Check])[];
  readonly #lists: readonly (readonly [field: string, list: ListField])[];

  constructor(
    idField: string,
    { fields = {}, lists = {} }: { fields?: Record<string, Check>; lists?: Record<string, ListField> } = {},
  ) {
    this.idField = idField;
    this.#fields = Object.entries(fields);
    this.#lists = Object.entries(lists);
  }

  /** `undefined` for a value that isn't an object with a text id. */
  validate(value: unknown): T | undefined {
    if (!isObject(value)) return undefined;
    const id = value[this.idField];
    if (this.idField !== "" && (typeof id !== "string" || id === "")) return undefined;
    for (const [field, check] of this.#fields) {
      const came = value[field];
      if (came !== undefined && came !== null && !check(came)) replaceField(value, field, null);
    }
    for (const [field, list] of this.#lists) validateList(value, field, list);
    return value as T;
  }
}

function validateList(value: Record<string, unknown>, field: string, list: ListField): void {
  const { schema, otherwise = field, isOptional = false } = list;
  const own = value[field];
  if (isOptional && own === undefined) return;
  const came = Array.isArray(own) ? own : value[otherwise];
  const entries: readonly unknown[] = Array.isArray(came) ? came : [];
  const valid = entries.flatMap((entry) => schema.validate(entry) ?? []);
  if (entries !== own || valid.length < entries.length) replaceField(value, field, valid);
}

const isText: Check = (value) => typeof value === "string";
const isFlag: Check = (value) => typeof value === "boolean";
const isNumber: Check = (value) => typeof value === "number";

const plainTime = /^\d{4}-(0\d|1[0-2])-([0-2]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?Z$/;

/** True for an RFC 3339 time, or nearly one. Years have four digits, because Dates far beyond that have no next day. */
export const isTime: Check = (value) =>
  typeof value === "string" &&
  ((plainTime.test(value) && value < "9999") ||
    (/^[1-9]\d{3}-\d\d-\d\d/.test(value) && !Number.isNaN(Date.parse(value))));

/** Milliseconds since 1970 of a time in a response or a file; undefined if it isn't a time. */
export function msOf(time: string | null | undefined): number | undefined {
  const ms = Date.parse(time ?? "");
  return Number.isNaN(ms) ? undefined : ms;
}

/** True for the same instant, however written; false if either time is missing. */
export function isSameInstant(one: string | null | undefined, other: string | null | undefined): boolean {
  if (!one || !other) return false;
  return one === other || Date.parse(one) === Date.parse(other);
}

const automationFields: Record<string, Check> = {
  deployment_id: isText,
  name: isText,
  schedule: isText,
  enabled: isFlag,
  next_run_at: isTime,
  created_at: isTime,
  updated_at: isTime,
  last_run_at: isTime,
  last_run_status: isText,
  instructions: isText,
  thread_id: isText,
};

const runSchema = new Schema<Run>("run_id", {
  fields: {
    thread_id: isText,
    status: isText,
    trigger: isText,
    started_at: isTime,
    completed_at: isTime,
    error: isText,
  },
});

const messageSchema = new Schema<Message>("", {
  fields: { role: isText, content: isText, run_id: isText, created_at: isTime },
});

const threadFields: Record<string, Check> = {
  title: isText,
  status: isText,
  message_count: isNumber,
  last_activity_at: isTime,
};

export const automationSchema = new Schema<Automation>("automation_id", {
  fields: automationFields,
  lists: { recent_runs: { schema: runSchema, isOptional: true } },
});

/** The response to get, with recent runs, newest first, which some APIs call `runs`. */
export const automationDetailSchema = new Schema<AutomationDetail>("automation_id", {
  fields: automationFields,
  lists: { recent_runs: { schema: runSchema, otherwise: "runs" } },
});

export const deploymentSchema = new Schema<Deployment>("deployment_id", {
  fields: {
    customer_id: isText,
    name: isText,
    runtime: isText,
    status: isText,
    model: isText,
    created_at: isTime,
    thread_id: isText,
    filesystem: isObject,
    events: isObject,
  },
});

export const threadSummarySchema = new Schema<ThreadSummary>("thread_id", { fields: threadFields });

export const threadSchema = new Schema<Thread>("thread_id", {
  fields: threadFields,
  lists: { messages: { schema: messageSchema } },
});

export const startedSchema = new Schema<{ run_id: string }>("run_id");

export const messageAnswerSchema = new Schema<MessageAnswer>("run_id", {
  fields: { thread_id: isText, status: isText },
});

/** A local server's `Server` header, its only distinction from other APIs. */
export const localServerName = "herm-dev";

/** An id before every event of a local server: continuing from it replays all stored events. */
export const beforeEveryEvent = "evt_0";

/** True for a finished run's statuses (src/api/README.md); an unknown status isn't one. */
export function isFinal(status: RunStatus | null | undefined): boolean {
  return status === "completed" || status === "error";
}

/** True for an unfinished run, whatever its status. */
export function isUnderWay({ status, completed_at }: Partial<Run>): boolean {
  return !isFinal(status) && !completed_at;
}
