import * as v from "valibot";
import { isTime } from "../api/schema.js";

const text = v.string();
const textOrNull = v.nullable(text);
const time = v.custom<string>(isTime);
const number = v.custom<number>(
  (value) => Number.isInteger(value) && Number(value) > 0 && Number(value) < 1e9,
);

const change = v.object({
  change: text,
  version: v.literal(1),
  /** The time by this machine's clock. */
  at: time,
  by: v.object({ user: text, host: text }),
  /** A line to paste: long texts in it are cut short, and no key is in it. */
  command: text,
  /** `store_id` decides for a local server, wherever it listens. */
  target: v.object({ origin: text, store_id: v.optional(text), profile: text }),
  reason: v.optional(text),
  undoes: v.optional(text),
  /** The file that keeps which automations were made from manifests, where it was written too. An undo writes none. */
  record: v.optional(text),
  /** The newest change of the data folder then, and the server's time. */
  after: v.optional(text),
  served_at: v.optional(time),
});

/** Fields of an automation, as they were read or sent; what a server leaves out is absent. */
const fields = v.object({
  name: v.nullish(text),
  schedule: v.nullish(text),
  instructions: v.nullish(text),
  instructions_sha256: v.optional(text),
  thread_id: v.nullish(text),
  enabled: v.nullish(v.boolean()),
  updated_at: v.nullish(text),
});

const item = v.object({
  item: number,
  act: v.picklist(["create", "update", "pause", "resume", "delete", "trigger", "answer"]),
  deployment_id: text,
  customer_id: v.nullish(text),
  /** Null for a create: the outcome has the new id. */
  automation_id: textOrNull,
  name: textOrNull,
  /** The deleted automation that a create brings back. */
  recreates: v.optional(text),
  /** Fields as last read: those that `after` has, for a deletion all, and `updated_at`, without one the schedule. */
  before: v.optional(fields),
  after: v.optional(fields),
  /** The run that is answered, and with what. */
  run_id: v.optional(text),
  message: v.optional(text),
});

const sending = v.object({
  sending: number,
  at: time,
  served_at: v.optional(time),
  /** True where an attempt before this one may take effect yet. */
  again: v.optional(v.boolean()),
});

const outcome = v.object({
  outcome: number,
  at: time,
  /**
   * `unknown`: it may have taken effect, whole or in part. `skipped`: never sent. `gone`: an older herm's word for a
   * 404.
   */
  result: v.picklist(["done", "failed", "unknown", "skipped", "gone"]),
  automation_id: v.optional(text),
  updated_at: v.optional(text),
  /** The run that a trigger started, or that an answer came back with. */
  run_id: v.optional(text),
  /** The reason why it failed, wasn't sent, or isn't known. */
  error: v.optional(text),
  /** True where that reason is a no of the API, or of the check before sending. */
  refused: v.optional(v.literal(true)),
  /** The server's time of the answer, where its clock differs from this machine's. */
  served_at: v.optional(time),
  instructions_sha256: v.optional(text),
});

export const changeShapes = {
  change,
  /** A text that items name by its hash: over a fleet it is the same again and again. */
  text: v.object({ text, is: text }),
  item,
  sending,
  outcome,
  ended: v.object({ ended: v.literal(true), at: time }),
};

export type ChangeLine = v.InferOutput<(typeof changeShapes)[keyof typeof changeShapes]>;
export type ChangeHeadLine = v.InferOutput<typeof change>;
export type StoredFields = v.InferOutput<typeof fields>;
export type ChangeItemLine = v.InferOutput<typeof item>;
export type ChangeSendingLine = v.InferOutput<typeof sending>;
export type ChangeOutcomeLine = v.InferOutput<typeof outcome>;
