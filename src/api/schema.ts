import { isObject, replaceField } from "./json.js";
import type {
  Automation,
  AutomationDetail,
  Deployment,
  Message,
  MessageAnswer,
  Run,
  Thread,
  ThreadSummary,
} from "./types.js";

/** Whether a value is what a field may hold, beside null and nothing. */
type Check = (value: unknown) => boolean;

/** A field that holds a list of objects. */
interface ListField {
  schema: Schema<object>;
  /** The field that some APIs have instead. */
  otherwise?: string;
  /** The list may be missing; else it is empty then. */
  isOptional?: boolean;
}

/**
 * Where an answer's objects come in: each is checked once, here, and nowhere else. A known field that holds something
 * else than it may is null from then on, and so typed; JSON output has it as it came (`setAside`).
 */
export class Schema<T extends object> {
  /** What every other call names the object by. */
  readonly idField: string;
  readonly #fields: readonly (readonly [field: string, check: Check])[];
  readonly #lists: readonly (readonly [field: string, list: ListField])[];

  /** An empty `idField`: no call names such an object. */
  constructor(
    idField: string,
    { fields = {}, lists = {} }: { fields?: Record<string, Check>; lists?: Record<string, ListField> } = {},
  ) {
    this.idField = idField;
    this.#fields = Object.entries(fields);
    this.#lists = Object.entries(lists);
  }

  /** The object, checked; undefined for what isn't an object, or has no text for an id. */
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

/** What isn't a list is an empty one, and a list has only what its door lets in. */
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

/** Whether a value is a time as RFC 3339 has it, or near enough. Years have four digits: far beyond them a Date has no next day. */
export const isTime: Check = (value) =>
  typeof value === "string" &&
  ((plainTime.test(value) && value < "9999") ||
    (/^[1-9]\d{3}-\d\d-\d\d/.test(value) && !Number.isNaN(Date.parse(value))));

/** The time that a text of the API's or of a file tells, in ms since 1970; undefined where it tells none. */
export function msOf(time: string | null | undefined): number | undefined {
  const ms = Date.parse(time ?? "");
  return Number.isNaN(ms) ? undefined : ms;
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

/** What a list, a create and an update answer of an automation. */
export const automationSchema = new Schema<Automation>("automation_id", {
  fields: automationFields,
  lists: { recent_runs: { schema: runSchema, isOptional: true } },
});

/** What get answers: with recent runs, newest first, which some APIs call `runs`. */
export const automationDetailSchema = new Schema<AutomationDetail>("automation_id", {
  fields: automationFields,
  lists: { recent_runs: { schema: runSchema, otherwise: "runs" } },
});

/** A deployment, listed or got. */
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

/** A thread as it is listed. */
export const threadSummarySchema = new Schema<ThreadSummary>("thread_id", { fields: threadFields });

/** A thread with its messages. */
export const threadSchema = new Schema<Thread>("thread_id", {
  fields: threadFields,
  lists: { messages: { schema: messageSchema } },
});

/** What a trigger answers. */
export const startedSchema = new Schema<{ run_id: string }>("run_id");

/** What a message answers: the run that it started or steered. */
export const messageAnswerSchema = new Schema<MessageAnswer>("run_id", {
  fields: { thread_id: isText, status: isText },
});
