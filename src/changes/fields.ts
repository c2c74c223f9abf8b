import { isSameValue } from "../api/json.js";
import type { AutomationFields } from "../api/types.js";
import { compareSchedules } from "../schedule/compare.js";

export const fieldNames = ["name", "schedule", "instructions", "enabled", "thread_id"] as const;

export type FieldName = (typeof fieldNames)[number];

export function sentFields(fields: Partial<AutomationFields>): FieldName[] {
  return fieldNames.filter((field) => fields[field] !== undefined);
}

/** True if a read shows every sent field. */
export function showsFields(
  reading: { readonly [Field in FieldName]?: unknown },
  sent: Partial<AutomationFields>,
): boolean {
  return sentFields(sent).every((field) => isSameField(field, sent[field], reading[field]) === true);
}

/**
 * Compares by meaning: schedules by their run times, text without trailing white space. Undefined if two schedules
 * differ and one can't be parsed here.
 */
export function isSameField(field: FieldName, one: unknown, other: unknown): boolean | undefined {
  if (field !== "schedule" || typeof one !== "string" || typeof other !== "string")
    return isSameValue(one, other);
  return isSameValue(one, other) || compareSchedules(one, other);
}

/** True for a recorded act that is never sent again if it may have arrived. */
export function isSentOnce(act: string): act is "create" | "trigger" | "answer" {
  return act === "create" || act === "trigger" || act === "answer";
}
