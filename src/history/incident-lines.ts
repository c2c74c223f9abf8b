import * as v from "valibot";
import { isTime } from "../api/schema.js";

const text = v.string();
const time = v.custom<string>(isTime);
const flag = v.literal(true);
const by = v.object({ user: text, host: text });
const automation = { deployment_id: text, automation_id: text };

/** An incident's API: its origin; for a local server, whatever its address, also its store's id. */
const apiIdentity = v.object({ origin: text, store_id: v.optional(text) });

const incident = v.object({
  incident: text,
  version: v.number(),
  reason: v.nullable(text),
  created_at: time,
  target: v.object({ ...apiIdentity.entries, profile: text, key_last4: v.nullable(text) }),
  by,
});

/** The selectors of one pause, as ids, never names; an incident may have several pauses. */
const scope = v.object({
  scope: flag,
  at: time,
  deployments: v.optional(v.array(text)),
  customer: v.optional(text),
  match: v.optional(text),
  automations: v.optional(v.array(text)),
  except: v.array(text),
});

/** An automation that the incident found already paused; one that it pauses itself is an item. */
const found = v.object({
  found: flag,
  at: time,
  ...automation,
  customer_id: v.nullable(text),
  name: v.nullable(text),
  schedule: v.nullable(text),
  /** Null if the API didn't report it. */
  was_enabled: v.nullable(v.boolean()),
  /** When it was last changed, if the server says; there were no changes between then and `at`. */
  updated_at: v.optional(text),
  date: v.optional(time),
});

/**
 * An automation that a resume skipped. `paused`: it still is. `enabled`: the incident no longer holds it. `gone`: an
 * older herm didn't find it.
 */
const looked = v.object({
  looked: v.picklist(["paused", "enabled", "gone"]),
  at: time,
  ...automation,
  reason: v.optional(text),
});

/** Values first read after a pause, because they were missing from its response. */
const seen = v.object({
  seen: flag,
  at: time,
  ...automation,
  updated_at: v.optional(text),
  instructions_sha256: v.optional(text),
});

/** Until then, a later pause of the incident has reported the scheduled runs that started despite the pause. */
const acknowledged = v.object({ acknowledged: time, at: time, ...automation });

/** A change made outside the incident, sent by a herm that knows this ledger. */
const changed = v.object({
  changed: v.picklist(["create", "update", "pause", "resume", "delete"]),
  /** Any text here shows that it was changed, whatever the time. */
  at: text,
  ...automation,
  within: v.optional(text),
  by: v.optional(by),
});

/** A message to a run that is still in progress. After `sending` without a later line, its arrival is unknown. */
const message = v.object({
  message: v.picklist(["sending", "sent", "failed", "unknown"]),
  at: time,
  deployment_id: text,
  run_id: text,
});

/** An import, which brought this many of the next commands, after the change with that id in this data folder. */
const imported = v.object({ imported: v.number(), at: time, after: v.optional(text) });

/** `resumed`: its automations were all resumed. `given up`: closed by hand. */
const closed = v.object({ closed: v.picklist(["resumed", "given up"]), at: time });

/** Cancels the preceding close. */
const reopened = v.object({ reopened: flag, at: time });

export const incidentShapes = {
  incident,
  scope,
  found,
  looked,
  seen,
  acknowledged,
  changed,
  message,
  imported,
  closed,
  reopened,
};

export type IncidentOwnLine = v.InferOutput<(typeof incidentShapes)[keyof typeof incidentShapes]>;
export type ApiIdentity = v.InferOutput<typeof apiIdentity>;
export type HeadLine = v.InferOutput<typeof incident>;
export type ScopeLine = v.InferOutput<typeof scope>;
export type FoundLine = v.InferOutput<typeof found>;
export type SkippedLine = v.InferOutput<typeof looked>;
export type SeenLine = v.InferOutput<typeof seen>;
export type AcknowledgedLine = v.InferOutput<typeof acknowledged>;
export type ChangedLine = v.InferOutput<typeof changed>;
export type MessageLine = v.InferOutput<typeof message>;
export type ClosedLine = v.InferOutput<typeof closed>;
