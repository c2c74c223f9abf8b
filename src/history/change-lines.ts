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
  at: time,
  by: v.object({ user: text, host: text }),
  /** A command line to paste, with long texts cut and without any key. */
  command: text,
  /** `store_id` identifies a local server, whatever its address. */
  target: v.object({ origin: text, store_id: v.optional(text), profile: text }),
  reason: v.optional(text),
  undoes: v.optional(text),
  /** The record of automations made from manifests, if the change updates it. An undo doesn't. */
  record: v.optional(text),
  /** The newest change in the data folder at that time, and the server's clock. */
  after: v.optional(text),
  served_at: v.optional(time),
});

/** Fields of an automation, as read or sent; absent if the server omits them. */
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
  /** Null for a create, because its outcome contains the new id. */
  automation_id: textOrNull,
  name: textOrNull,
  /** The deleted automation that a create restores. */
  recreates: v.optional(text),
  /** Fields as last read: those in `after` (for a deletion all), and `updated_at`, or the schedule if there is none. */
  before: v.optional(fields),
  after: v.optional(fields),
  /** The run that was answered, and the answer. */
  run_id: v.optional(text),
  message: v.optional(text),
});

const sending = v.object({
  sending: number,
  at: time,
  served_at: v.optional(time),
  /** True if an earlier attempt may still take effect. */
  again: v.optional(v.boolean()),
});

const outcome = v.object({
  outcome: number,
  at: time,
  /** `unknown`: it may have taken effect, in part or in full. `skipped`: never sent. `gone`: an old word for a 404. */
  result: v.picklist(["done", "failed", "unknown", "skipped", "gone"]),
  automation_id: v.optional(text),
  updated_at: v.optional(text),
  /** The run that a trigger started, or an answer returned. */
  run_id: v.optional(text),
  /** The reason why it failed, wasn't sent or is unknown. */
  error: v.optional(text),
  /** True if it was refused by the API, or by the check before sending. */
  refused: v.optional(v.literal(true)),
  /** When it was answered by the server's clock, if that differs from this machine's. */
  served_at: v.optional(time),
  instructions_sha256: v.optional(text),
});

export const changeShapes = {
  change,
  /** A text that items reference by its hash, because a fleet's items repeat it. */
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
