import * as v from "valibot";
import { isTime } from "../api/door.js";
import { isObject, parsePlainJson } from "../api/json.js";

const text = v.string();
const time = v.custom<string>(isTime);
const change = v.picklist(["pause", "resume"]);
const automation = { deployment_id: text, automation_id: text };

/** Which API a ledger belongs to: its origin; for the local server its store's id, wherever it is served. */
const apiIdentity = v.object({ origin: text, store_id: v.optional(text) });

const head = v.object({
  type: v.literal("incident"),
  version: v.number(),
  incident: text,
  reason: v.nullable(text),
  created_at: time,
  target: v.object({ ...apiIdentity.entries, profile: text, key_last4: v.nullable(text) }),
  by: v.object({ user: text, host: text }),
});

/** What a pause was asked to cover; an incident may have several. Ids, never names. */
const scope = v.object({
  type: v.literal("scope"),
  at: time,
  /** Left out: all, or those of the customer. */
  deployments: v.optional(v.array(text)),
  customer: v.optional(text),
  /** A glob on names. */
  match: v.optional(text),
  /** Only these: ids. */
  automations: v.optional(v.array(text)),
  except: v.array(text),
});

/** An automation as it was right before this incident paused it, or found it paused. A later line of the same one counts. */
const item = v.object({
  type: v.literal("item"),
  at: time,
  ...automation,
  customer_id: v.nullable(text),
  name: v.nullable(text),
  schedule: v.nullable(text),
  /** Null: the API didn't say. */
  was_enabled: v.nullable(v.boolean()),
  /** With `at` it says since when nothing had changed; absent where the server sends none. */
  updated_at: v.optional(text),
  /** The server's time when it was read. */
  date: v.optional(time),
});

/** A command line that pauses or resumes: told with the first change that it sends. */
const begins = v.object({
  /** Its id in the history. */
  id: text,
  at: time,
  by: v.object({ user: text, host: text }),
  command: text,
  reason: v.optional(text),
  /** The change that this one takes back. */
  undoes: v.optional(text),
});

/** A change is about to be sent. Without an outcome below, it isn't known whether it took effect. */
const sent = v.object({
  type: v.literal("sent"),
  change,
  ...automation,
  /** The server's time, by its last answer. */
  date: v.optional(time),
  begins: v.optional(begins),
});

const outcome = v.object({
  type: v.literal("outcome"),
  at: time,
  change,
  ...automation,
  /**
   * `skipped`: never sent. `left`: looked at and left alone, still paused. `enabled`: found enabled, so that it is this
   * incident's no more. `gone`: it isn't there any more.
   */
  result: v.picklist(["done", "failed", "unknown", "skipped", "left", "enabled", "gone"]),
  date: v.optional(time),
  updated_at: v.optional(text),
  instructions_sha256: v.optional(text),
  /** Why: of a failure or of leaving it alone. */
  reason: v.optional(text),
});

/** What was first read after a pause whose own answer didn't have it. */
const seen = v.object({
  type: v.literal("seen"),
  at: time,
  ...automation,
  updated_at: v.optional(text),
  /** As `instructionsHash` gives it. */
  instructions_sha256: v.optional(text),
});

/** The scheduled runs of it that started until then, although it was paused, were reported by a later pause of the incident. */
const acknowledged = v.object({ type: v.literal("acknowledged"), at: time, ...automation, until: time });

/** A change that a herm which knows this ledger sent outside the incident. */
const touched = v.object({
  type: v.literal("touched"),
  /** Touched is touched, whenever that was. */
  at: text,
  ...automation,
  change: v.picklist(["create", "update", "pause", "resume", "delete"]),
  /** The other incident that it belongs to. */
  incident: v.optional(text),
});

/** A message to a run under way. `sending` without another line after it: it isn't known whether it arrived. */
const told = v.object({
  type: v.literal("told"),
  at: time,
  deployment_id: text,
  run_id: text,
  result: v.picklist(["sending", "sent", "failed", "unknown"]),
});

/** `resumed`: nothing that it paused was paused any more. `given up`: by hand. */
const closed = v.object({ type: v.literal("closed"), at: time, why: v.picklist(["resumed", "given up"]) });

/** The close before it doesn't count any more. */
const reopened = v.object({ type: v.literal("reopened"), at: time });

const shapes = [head, scope, item, sent, outcome, seen, acknowledged, touched, told, closed, reopened];
type Shape = (typeof shapes)[number];

/** Looked up by its type: a ledger may have a million lines. */
const shapeOf = new Map<unknown, Shape>(shapes.map((shape) => [shape.entries.type.literal, shape]));

/**
 * The lines of a ledger: JSON Lines, one file an incident. The first is the head; the others are only ever appended.
 * Times are RFC 3339 by this machine's clock; `date` is the server's own, from an answer's `Date`.
 */
export type LedgerLine = v.InferOutput<Shape>;
export type ApiIdentity = v.InferOutput<typeof apiIdentity>;
export type HeadLine = v.InferOutput<typeof head>;
export type Begins = v.InferOutput<typeof begins>;
export type ScopeLine = v.InferOutput<typeof scope>;
export type ItemLine = v.InferOutput<typeof item>;
export type OutcomeLine = v.InferOutput<typeof outcome>;
export type TouchedLine = v.InferOutput<typeof touched>;
export type ToldLine = v.InferOutput<typeof told>;
export type ClosedLine = v.InferOutput<typeof closed>;

/** The line that a text is; undefined if it is none. */
export function parseLine(json: string): LedgerLine | undefined {
  // An error costs a thousand times what its bytes do.
  if (!json.startsWith("{")) return undefined;
  try {
    const value = parsePlainJson(json);
    const shape = isObject(value) ? shapeOf.get(value.type) : undefined;
    return shape !== undefined && v.is(shape, value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function formatLedgerLines(lines: readonly LedgerLine[]): string {
  return lines.map((each) => `${JSON.stringify(each)}\n`).join("");
}
