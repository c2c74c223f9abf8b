import type { AutomationRef } from "../api/types.js";
import { fieldNames, isSentOnce } from "../changes/fields.js";
import type { KnownChange } from "../runs/proven-times.js";
import type { ChangeHeadLine, ChangeItemLine, ChangeOutcomeLine, StoredFields } from "./change-lines.js";

/** The head of a change, which one command line makes: who sent it, when and why. */
export interface ChangeHead extends Omit<ChangeHeadLine, "change" | "version" | "after" | "served_at"> {
  id: string;
}

export type Act = ChangeItemLine["act"];

export type SwitchAct = Extract<Act, "pause" | "resume">;

export type ItemFields = Omit<StoredFields, "instructions_sha256">;

export interface NewItem extends Omit<ChangeItemLine, "item" | "before" | "after"> {
  before?: ItemFields | undefined;
  after?: ItemFields | undefined;
}

export interface ItemOutcome
  extends Omit<ChangeOutcomeLine, "outcome" | "at" | "result" | "instructions_sha256"> {
  /** `unknown` includes a change that is still in progress, or was cut off by a kill. */
  result: Exclude<ChangeOutcomeLine["result"], "gone">;
}

/** The reason for skipping an item that was already in the desired state. */
export const alreadySo = "no change";

/** An item and its outcome; `automation_id` is a created automation's id, if known. */
export type ChangeItem = NewItem &
  Omit<ItemOutcome, "automation_id"> & {
    /** When it was last sent, by this machine's clock; undefined if unknown or never. */
    sent_at?: string | undefined;
    /** True if an earlier attempt may have taken effect later. */
    is_resent?: boolean | undefined;
    /** The same time by the server's clock, if that differs. */
    sent_served_at?: string | undefined;
    at?: string | undefined;
    /** True if its instructions are unknown, because their text is lost or damaged. */
    is_damaged?: true;
  };

export interface Change extends ChangeHead {
  items: ChangeItem[];
  incident?: string | undefined;
  is_over: boolean;
  was_killed?: true | undefined;
}

type FieldsRead = { readonly [Field in keyof ItemFields]?: ItemFields[Field] };

/** Picks `before` from a read: the fields in `after`, or all, and `updated_at`, or the schedule if there is none. */
export function fieldsBefore(read: FieldsRead, after?: ItemFields): ItemFields {
  const names = fieldNames.filter((name) => after === undefined || after[name] !== undefined);
  const place = read.updated_at ? (["updated_at"] as const) : (["updated_at", "schedule"] as const);
  return Object.fromEntries([...names, ...place].map((name) => [name, read[name]]));
}

/** A change that was, or may have been, sent to an automation. Triggers and answers aren't changes. */
export interface PossibleChange extends AutomationRef, Pick<KnownChange, "change" | "incident"> {
  at: Date;
  by?: ChangeHead["by"] | undefined;
}

/** The same change in the history; its fields are known only if it certainly took effect. */
export interface ChangeRecord extends PossibleChange, KnownChange {
  /** Set if it belongs to a local server. */
  store_id?: string | undefined;
}

/** The kind of change to an existing automation; a new one has its `created_at` instead. */
export function changeKindOf({ act, after }: NewItem): ChangeRecord["change"] | undefined {
  if (isSentOnce(act)) return undefined;
  return act === "update" && typeof after?.enabled === "boolean" ? switchAct(after.enabled) : act;
}

export function switchAct(enabled: boolean): "pause" | "resume" {
  return enabled ? "resume" : "pause";
}

export const unseenText = "A change made elsewhere and reverted can't be seen: the API sends no updated_at.";

/** ` at 2025-12-01T08:00:00.000Z by ada@night`, or what is known of it; for display, pass it to `withLocalTimes`. */
export function whenAndWho(at: Date, by: ChangeHead["by"] | undefined): string {
  const when = Number.isNaN(at.getTime()) ? "" : ` at ${at.toISOString()}`;
  return by === undefined ? when : `${when} by ${by.user}@${by.host}`;
}

/** `changed elsewhere, 2025-12-01T08:00:00Z`. */
export function elsewhereText(stamp: string, what = "changed"): string {
  return `${what} elsewhere, ${stamp}`;
}

/** The server's time, if its clock differs from this machine's. */
export function servedTime(at: Date, served: Date): Date | undefined {
  return Math.abs(served.getTime() - at.getTime()) < 1000 ? undefined : served;
}
