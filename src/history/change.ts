import { fieldNames } from "../changes/fields.js";

/** A command line's worth of changes: who sent what, when and why. */
export interface ChangeHead {
  /** `c_7f3kq9`. */
  id: string;
  /** RFC 3339, by this machine's clock. */
  at: string;
  by: { user: string; host: string };
  /** As a person can paste it; long texts in it are cut short, and no key is in it. */
  command: string;
  /** Of the local server its store's id decides, wherever it listens. */
  target: { origin: string; store_id?: string | undefined; profile: string };
  reason?: string | undefined;
  /** The change that this one takes back. */
  undoes?: string | undefined;
  /** The file that keeps which automations were made from manifests, where it was written too. An undo doesn't. */
  record?: string | undefined;
}

/** What was done to an item. */
export type Act = "create" | "update" | "pause" | "resume" | "delete" | "trigger" | "answer";

/** What an incident does to an item. */
export type SwitchAct = Extract<Act, "pause" | "resume">;

/** Fields of an automation, as they were read or sent; what a server leaves out is absent. */
export interface ItemFields {
  name?: string | null | undefined;
  schedule?: string | null | undefined;
  instructions?: string | null | undefined;
  thread_id?: string | null | undefined;
  enabled?: boolean | null | undefined;
  /** Only `before`: not sent. */
  updated_at?: string | null | undefined;
}

/** One automation of a change, before it is sent. */
export interface NewItem {
  act: Act;
  deployment_id: string;
  /** Of what an incident pauses. */
  customer_id?: string | null | undefined;
  /** Null: it is created by this. */
  automation_id: string | null;
  name: string | null;
  /** As last read: the fields that `after` has, for a deletion all, and `updated_at`. */
  before?: ItemFields | undefined;
  /** What is sent. */
  after?: ItemFields | undefined;
  /** The run that is answered, and with what. */
  run_id?: string | undefined;
  message?: string | undefined;
}

/** What became of an item. */
export interface ItemOutcome {
  /**
   * `failed`: it surely didn't take effect. `unknown`: it may have, whole or in part; what is under way is read so, and what a
   * kill cut off. `skipped`: never sent.
   */
  result: "done" | "failed" | "unknown" | "skipped";
  /** Of what a create made. */
  automation_id?: string | undefined;
  /** As the answer had it. */
  updated_at?: string | undefined;
  /** Of the run that a trigger started; of an answer, the one that it came back with. */
  run_id?: string | undefined;
  /** Why it failed, wasn't sent, or isn't known. */
  error?: string | undefined;
  /** When it came by the server's clock, where that is another than this machine's. */
  served_at?: string | undefined;
}

/** An item and what became of it; `automation_id` is what a create made, where that is known. */
export type ChangeItem = NewItem &
  Omit<ItemOutcome, "automation_id"> & {
    /** When it went out last, by this machine's clock; undefined where that isn't known, or it never did. */
    sent_at?: string | undefined;
    /** When that became of it, likewise. */
    at?: string | undefined;
    /** Its instructions aren't known: their text is lost, or was altered. */
    is_damaged?: true;
  };

/** A change as the history has it. */
export interface Change extends ChangeHead {
  items: ChangeItem[];
  /** The incident that it belongs to: then it is of that one's ledger. */
  incident?: string | undefined;
  /** Nothing of it is sent any more: its command came to its end, or was killed. */
  is_over: boolean;
  was_killed?: true | undefined;
}

type FieldsRead = { readonly [Field in keyof ItemFields]?: ItemFields[Field] };

/** What `before` holds of a reading: the fields that `after` has, or all, and `updated_at`. */
export function fieldsBefore(read: FieldsRead, after?: ItemFields): ItemFields {
  const names = fieldNames.filter((name) => after === undefined || after[name] !== undefined);
  return Object.fromEntries([...names, "updated_at" as const].map((name) => [name, read[name]]));
}
