import * as v from "valibot";
import type { DeploymentStatus } from "../../api/types.js";
import { readSchedule } from "../../schedule/read.js";
import { RefusedRequest } from "./answers.js";

const notAnObject = "the body must be a JSON object";

const text = (field: string) =>
  v.pipe(
    v.string(`${field} must be a string`),
    v.check((value) => value.trim() !== "", `${field} must not be empty`),
  );

const schedule = v.pipe(
  text("schedule"),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const reading = readSchedule(dataset.value);
    if (reading.ok) return { text: dataset.value, cron: reading.cron };
    addIssue({ message: `invalid schedule: ${reading.reason}` });
    return NEVER;
  }),
);

const id = (field: string) => v.pipe(text(field), v.regex(/^\w+$/, `${field} is not an id`));

const automationFields = {
  name: text("name"),
  schedule,
  instructions: text("instructions"),
  thread_id: v.optional(id("thread_id")),
  enabled: v.optional(v.boolean("enabled must be true or false")),
};

export const newAutomation = v.strictObject(automationFields, nameIssue);
export const automationChange = v.partial(v.strictObject(automationFields, nameIssue));
export const newDeployment = v.looseObject(
  {
    customer_id: text("customer_id"),
    name: text("name"),
    system_prompt: v.string("system_prompt must be a string"),
    model: v.optional(text("model")),
  },
  nameIssue,
);
export const newMessage = v.strictObject(
  {
    content: text("content"),
    thread_id: v.optional(id("thread_id")),
    attachments: v.optional(v.array(v.unknown(), "attachments must be an array")),
  },
  nameIssue,
);

const statuses: readonly DeploymentStatus[] = ["provisioning", "ready", "error"];

/** The query's parameters by name. Refuses unknown and repeated ones. */
export function readQuery<Name extends string>(
  url: URL,
  names: readonly Name[],
): Partial<Record<Name, string>> {
  const found: Partial<Record<Name, string>> = {};
  for (const [name, value] of url.searchParams) {
    const known = names.find((candidate) => candidate === name);
    if (known === undefined) throw new RefusedRequest(400, `unknown query parameter: ${name}`);
    if (found[known] !== undefined) throw new RefusedRequest(400, `${name} is given twice`);
    found[known] = value;
  }
  return found;
}

export function readLimit(given: string | undefined): number {
  if (given === undefined) return 20;
  const limit = /^\d{1,3}$/.test(given) ? Number(given) : 0;
  if (limit < 1 || limit > 100) throw new RefusedRequest(400, "limit must be a whole number from 1 to 100");
  return limit;
}

export function readStatus(given: string | undefined): DeploymentStatus | undefined {
  if (given === undefined) return undefined;
  const status = statuses.find((word) => word === given);
  if (status === undefined) throw new RefusedRequest(400, `status must be one of ${statuses.join(", ")}`);
  return status;
}

/** Checks a body, always an object, against its schema; throws RefusedRequest (400) with the first mistake. */
export function check<Schema extends v.GenericSchema>(schema: Schema, value: unknown): v.InferOutput<Schema> {
  if (Array.isArray(value)) throw new RefusedRequest(400, notAnObject);
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  throw new RefusedRequest(400, result.issues[0].message);
}

/** Describes mistakes in the object itself: not an object, or with a missing or unknown field. */
function nameIssue(issue: v.StrictObjectIssue | v.LooseObjectIssue): string {
  const key = issue.path?.at(-1)?.key;
  if (key === undefined) return notAnObject;
  return issue.expected === "never" ? `unknown field: ${String(key)}` : `${String(key)} is required`;
}
