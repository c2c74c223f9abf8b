import * as v from "valibot";
import { isTime } from "../api/door.js";
import { isObject } from "../api/json.js";
import { readLines } from "../files/json-text.js";
import type { LockState } from "../files/lock.js";
import { sha256 } from "../files/sha256.js";
import type { Change, ChangeItem, ItemFields } from "./change.js";
import type { ChangeLine, ChangeOutcomeLine, StoredFields } from "./lines.js";

const text = v.string();
const textOrNull = v.nullable(text);
const time = v.custom<string>(isTime);

const head = v.object({
  change: text,
  version: v.literal(1),
  at: time,
  by: v.object({ user: text, host: text }),
  command: text,
  target: v.object({ origin: text, store_id: v.optional(text), profile: text }),
  reason: v.optional(text),
  undoes: v.optional(text),
  record: v.optional(text),
});

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
  item: v.number(),
  act: v.picklist(["create", "update", "pause", "resume", "delete", "trigger", "answer"]),
  deployment_id: text,
  automation_id: textOrNull,
  name: textOrNull,
  before: v.optional(fields),
  after: v.optional(fields),
  run_id: v.optional(text),
  message: v.optional(text),
});

const outcome = v.object({
  outcome: v.number(),
  at: time,
  result: v.picklist(["done", "failed", "unknown", "skipped"]),
  automation_id: v.optional(text),
  updated_at: v.optional(text),
  run_id: v.optional(text),
  error: v.optional(text),
  served_at: v.optional(time),
});

const shapes = {
  change: head,
  text: v.object({ text, is: text }),
  item,
  sending: v.object({ sending: v.number(), at: time }),
  outcome,
  closed: v.object({ closed: v.literal(true), at: time }),
};

/**
 * The change that a file's text tells, whatever was cut off at its end or damaged within; undefined where it has no head
 * that this version can read. `lock`: how that of one without a closing line stands.
 */
export function parseChange(fileText: string, lock: LockState = "held"): Change | undefined {
  const lines = readLines(fileText, isLine);
  const [first] = lines;
  if (first === undefined || !("change" in first)) return undefined;
  const { change: id, version: _version, ...others } = first;
  const isClosed = lines.some((line) => "closed" in line);
  const isOver = isClosed || lock !== "held";
  const items = itemsOf(lines, isClosed || lock === "left");
  return { id, ...others, items, is_over: isOver, was_killed: isOver && !isClosed ? true : undefined };
}

function itemsOf(lines: readonly ChangeLine[], isSendingKnown: boolean): ChangeItem[] {
  const texts = new Map<string, string>();
  const outcomes = new Map<number, ChangeOutcomeLine>();
  const sentAt = new Map<number, string>();
  for (const line of lines) {
    if ("text" in line && sha256(line.is) === line.text) texts.set(line.text, line.is);
    else if ("outcome" in line) outcomes.set(line.outcome, line);
    else if ("sending" in line) sentAt.set(line.sending, line.at);
  }
  return lines.flatMap((line) => {
    if (!("item" in line)) return [];
    const { item: number, before, after, ...own } = line;
    const hashes = [before, after].flatMap((each) => each?.instructions_sha256 ?? []);
    const sent_at = sentAt.get(number);
    const wasSkipped = isSendingKnown && sent_at === undefined;
    const unsaid = { outcome: number, result: wasSkipped ? "skipped" : "unknown" } as const;
    const { outcome: _number, ...became }: Omit<ChangeOutcomeLine, "at"> = outcomes.get(number) ?? unsaid;
    return [
      {
        ...own,
        before: before && whole(before, texts),
        after: after && whole(after, texts),
        sent_at,
        ...became,
        automation_id: became.automation_id ?? own.automation_id,
        ...(hashes.every((hash) => texts.has(hash)) ? {} : { is_damaged: true }),
      },
    ];
  });
}

/** With the text itself; without it where no line has one that fits its hash: then it isn't known. */
function whole(
  { instructions_sha256: hash, ...stored }: StoredFields,
  texts: ReadonlyMap<string, string>,
): ItemFields {
  return hash === undefined ? stored : { ...stored, instructions: texts.get(hash) };
}

function isLine(value: unknown): value is ChangeLine {
  if (!isObject(value)) return false;
  const kind = Object.keys(shapes).find((name) => name in value) as keyof typeof shapes | undefined;
  return kind !== undefined && v.is(shapes[kind], value);
}
