import { fieldNames } from "../changes/fields.js";

/** The head of what one command line changed: who sent what, when and why. */
export interface ChangeHead {
  id: string;
  /** RFC 3339, by this machine's clock. */
  at: string;
  by: { user: string; host: string };
  /** A line to paste: long texts in it are cut short, and no key is in it. */
  command: string;
  /** `store_id` decides for a local server, wherever it listens. */
  target: { origin: string; store_id?: string | undefined; profile: string };
  reason?: string | undefined;
  undoes?: string | undefined;
  /** The file that keeps which automations were made from manifests, where it was written too. An undo writes none. */
  record?: string | undefined;
}

export type Act = "create" | "update" | "pause" | "resume" | "delete" | "trigger" | "answer";

export type SwitchAct = Extract<Act, "pause" | "resume">;

/** Fields of an automation, as they were read or sent; what a server leaves out is absent. */
export interface ItemFields {
  name?: string | null | undefined;
  schedule?: string | null | undefined;
  instructions?: string | null | undefined;
  thread_id?: string | null | undefined;
  enabled?: boolean | null | undefined;
  updated_at?: string | null | undefined;
}

export interface NewItem {
  act: Act;
  deployment_id: string;
  customer_id?: string | null | undefined;
  /** Null: this creates it. */
  automation_id: string | null;
  name: string | null;
  /** Fields as last read: those that `after` has, for a deletion all, and `updated_at`. */
  before?: ItemFields | undefined;
  after?: ItemFields | undefined;
  /** The run that is answered, and with what. */
  run_id?: string | undefined;
  message?: string | undefined;
}

export interface ItemOutcome {
  /**
   * `unknown`: it may have taken effect, whole or in part; so is one under way read, and one that a kill cut off.
   * `skipped`: never sent.
   */
  result: "done" | "failed" | "unknown" | "skipped";
  automation_id?: string | undefined;
  updated_at?: string | undefined;
  /** The run that a trigger started, or that an answer came back with. */
  run_id?: string | undefined;
  /** The reason why it failed, wasn't sent, or isn't known. */
  error?: string | undefined;
  /** The server's time of the answer, where its clock differs from this machine's. */
  served_at?: string | undefined;
}

/** An item and its outcome; `automation_id` is what a create made, where that is known. */
export type ChangeItem = NewItem &
  Omit<ItemOutcome, "automation_id"> & {
    /** The last sending, by this machine's clock; undefined where it isn't known, or it was never sent. */
    sent_at?: string | undefined;
    at?: string | undefined;
    /** Its instructions aren't known: their text is lost, or was altered. */
    is_damaged?: true;
  };

export interface Change extends ChangeHead {
  items: ChangeItem[];
  incident?: string | undefined;
  /** True when its command ended, or was killed. */
  is_over: boolean;
  was_killed?: true | undefined;
}

type FieldsRead = { readonly [Field in keyof ItemFields]?: ItemFields[Field] };

/** Picks what `before` holds of a reading: the fields that `after` has, or all, and `updated_at`. */
export function fieldsBefore(read: FieldsRead, after?: ItemFields): ItemFields {
  const names = fieldNames.filter((name) => after === undefined || after[name] !== undefined);
  return Object.fromEntries([...names, "updated_at" as const].map((name) => [name, read[name]]));
}

/** A change that was sent to an automation, or may have been. Triggers and answers aren't changes. */
export interface ChangeRecord {
  deployment_id: string;
  automation_id: string;
  change: Exclude<Act, "trigger" | "answer">;
  incident?: string | undefined;
  at: Date;
  /** The server's time, where its clock differs: a local server's may have been moved. */
  servedAt?: Date | undefined;
}

/** The kind of change to something that existed before; a new one has its `created_at` for that. */
export function changeKindOf({ act, after }: NewItem): ChangeRecord["change"] | undefined {
  if (act === "create" || act === "trigger" || act === "answer") return undefined;
  return act === "update" && typeof after?.enabled === "boolean" ? switchAct(after.enabled) : act;
}

export function switchAct(enabled: boolean): "pause" | "resume" {
  return enabled ? "resume" : "pause";
}

/** The server's time, where its clock differs from this machine's. */
export function servedTime(at: Date, served: Date): Date | undefined {
  return Math.abs(served.getTime() - at.getTime()) < 1000 ? undefined : served;
}
