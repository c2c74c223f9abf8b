import { isTime } from "../api/door.js";
import { isObject } from "../files/json-text.js";

/**
 * The lines of a ledger: JSON Lines, one file an incident. The first is the head; the others are only ever appended.
 * Times are RFC 3339 by this machine's clock; `date` is the server's own, from an answer's `Date`.
 */
export type LedgerLine =
  | HeadLine
  | ScopeLine
  | ItemLine
  | SentLine
  | OutcomeLine
  | SeenLine
  | TouchedLine
  | ToldLine
  | ClosedLine
  /** The close before it doesn't count any more. */
  | { type: "reopened"; at: string };

/** Which API a ledger belongs to: its origin; for the local server its store's id, wherever it is served. */
export interface ApiIdentity {
  origin: string;
  store_id?: string;
}

export interface HeadLine {
  type: "incident";
  version: number;
  incident: string;
  reason: string | null;
  created_at: string;
  target: ApiIdentity & { profile: string; key_last4: string | null };
  by: { user: string; host: string };
}

/** What a pause was asked to cover; an incident may have several. Ids, never names. */
export interface ScopeLine {
  type: "scope";
  at: string;
  /** Left out: all, or those of the customer. */
  deployments?: string[];
  customer?: string;
  /** A glob on names. */
  match?: string;
  /** Only these: ids. */
  automations?: string[];
  except: string[];
}

/** An automation as it was right before this incident paused it, or found it paused. A later line of the same one counts. */
export interface ItemLine {
  type: "item";
  at: string;
  deployment_id: string;
  customer_id: string | null;
  automation_id: string;
  name: string | null;
  schedule: string | null;
  /** Null: the API didn't say. */
  was_enabled: boolean | null;
}

type Change = "pause" | "resume";

/** A change is about to be sent. Without an outcome below, it isn't known whether it took effect. */
interface SentLine {
  type: "sent";
  change: Change;
  deployment_id: string;
  automation_id: string;
}

export interface OutcomeLine {
  type: "outcome";
  at: string;
  change: Change;
  deployment_id: string;
  automation_id: string;
  /**
   * `skipped`: never sent. `left`: looked at and left alone, still paused. `enabled`: found enabled, so that it is this
   * incident's no more. `gone`: it isn't there any more.
   */
  result: "done" | "failed" | "unknown" | "skipped" | "left" | "enabled" | "gone";
  date?: string;
  updated_at?: string;
  instructions_sha256?: string;
  /** Why: of a failure or of leaving it alone. */
  reason?: string;
}

/** What was first read after a pause whose own answer didn't have it. */
interface SeenLine {
  type: "seen";
  at: string;
  deployment_id: string;
  automation_id: string;
  updated_at?: string;
  /** As `hashOf` gives it. */
  instructions_sha256?: string;
}

/** A change that a herm which knows this ledger sent outside the incident. */
export interface TouchedLine {
  type: "touched";
  at: string;
  deployment_id: string;
  automation_id: string;
  change: "create" | "update" | "pause" | "resume" | "delete";
  /** The other incident that it belongs to. */
  incident?: string;
}

/** A message to a run under way. `sending` without another line after it: it isn't known whether it arrived. */
export interface ToldLine {
  type: "told";
  at: string;
  deployment_id: string;
  run_id: string;
  result: "sending" | "sent" | "failed" | "unknown";
}

export interface ClosedLine {
  type: "closed";
  at: string;
  /** `resumed`: nothing that it paused was paused any more. `given up`: by hand. */
  why: "resumed" | "given up";
}

type Kind =
  | "text"
  | "text or nothing"
  | "text or null"
  | "texts or nothing"
  | "texts"
  | "flag or null"
  | "time"
  | "time or nothing"
  | "object";

const item: Record<string, Kind> = { deployment_id: "text", automation_id: "text" };
const shapes: Record<LedgerLine["type"], Record<string, Kind>> = {
  incident: { incident: "text", reason: "text or null", created_at: "time", target: "object", by: "object" },
  scope: {
    at: "time",
    deployments: "texts or nothing",
    customer: "text or nothing",
    match: "text or nothing",
    automations: "texts or nothing",
    except: "texts",
  },
  item: {
    ...item,
    at: "time",
    customer_id: "text or null",
    name: "text or null",
    schedule: "text or null",
    was_enabled: "flag or null",
  },
  sent: { ...item, change: "text" },
  outcome: {
    ...item,
    at: "time",
    change: "text",
    result: "text",
    date: "time or nothing",
    updated_at: "text or nothing",
    instructions_sha256: "text or nothing",
    reason: "text or nothing",
  },
  seen: { ...item, at: "time", updated_at: "text or nothing", instructions_sha256: "text or nothing" },
  // Touched is touched, whenever that was.
  touched: { ...item, at: "text", change: "text", incident: "text or nothing" },
  told: { at: "time", deployment_id: "text", run_id: "text", result: "text" },
  closed: { at: "time", why: "text" },
  reopened: { at: "time" },
};

const words: Record<string, readonly unknown[]> = {
  change: ["pause", "resume", "create", "update", "delete"],
  result: ["done", "failed", "unknown", "skipped", "left", "enabled", "gone", "sending", "sent"],
  why: ["resumed", "given up"],
};

/** Made once: a ledger may have a million lines. */
const fieldsOf = new Map(Object.entries(shapes).map(([type, shape]) => [type, Object.entries(shape)]));

/** The line that a text is; undefined if it is none. */
export function parseLine(text: string): LedgerLine | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isLine(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function formatLines(lines: readonly LedgerLine[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

function isLine(value: unknown): value is LedgerLine {
  if (!isObject(value)) return false;
  const { type } = value;
  if (typeof type !== "string" || !Object.hasOwn(shapes, type)) return false;
  const fits = (fieldsOf.get(type) ?? []).every(
    ([field, kind]) => isKind(value[field], kind) && (words[field]?.includes(value[field]) ?? true),
  );
  return fits && (type !== "incident" || isHead(value));
}

function isHead({ version, target, by }: Record<string, unknown>): boolean {
  if (typeof version !== "number" || !isObject(target) || !isObject(by)) return false;
  return (
    isKind(target.origin, "text") &&
    isKind(target.store_id, "text or nothing") &&
    isKind(target.profile, "text") &&
    isKind(target.key_last4, "text or null") &&
    isKind(by.user, "text") &&
    isKind(by.host, "text")
  );
}

function isKind(value: unknown, kind: Kind): boolean {
  switch (kind) {
    case "text":
      return typeof value === "string";
    case "text or nothing":
      return value === undefined || typeof value === "string";
    case "text or null":
      return value === null || typeof value === "string";
    case "texts":
      return Array.isArray(value) && value.every((each) => typeof each === "string");
    case "texts or nothing":
      return value === undefined || isKind(value, "texts");
    case "flag or null":
      return value === null || typeof value === "boolean";
    case "time":
      return isTime(value);
    case "time or nothing":
      return value === undefined || isTime(value);
    case "object":
      return isObject(value);
  }
}
