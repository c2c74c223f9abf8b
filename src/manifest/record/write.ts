import type { AutomationRecord, PendingCreate, RecordEntry } from "./automation-record.js";
import { keyOfName } from "./key.js";

const about =
  "# Which automations herm made or adopted. apply and adopt write this file: keep it, and don't edit it.";

/** The record's file: a line for each automation, sorted so that git merges it. */
export function recordText(record: AutomationRecord): string {
  const { origin, store_id } = record.api;
  return [
    about,
    "record: 1",
    `api: ${keyOfName(origin)}`,
    ...(store_id === undefined ? [] : [`store: ${keyOfName(store_id)}`]),
    "made:",
    "",
  ]
    .join("\n")
    .concat(
      ...record.entries.map(entryLine),
      ...record.pendingCreates.map(pendingCreateLine),
      ...record.pendingDeletions.map(pendingDeletionLine),
    );
}

export function entryLine({ deployment_id, automation_id, key }: RecordEntry): string {
  return `  ${deployment_id}/${automation_id}: ${key}\n`;
}

export function pendingCreateLine({ deployment_id, fingerprint, id, name }: PendingCreate): string {
  const key = id === undefined ? "" : `${id} `;
  return `  ${deployment_id}/making-${fingerprint}: ${key}${keyOfName(name)}\n`;
}

export function pendingDeletionLine({ deployment_id, automation_id, key }: RecordEntry): string {
  return `  ${deployment_id}/deleting-${automation_id}: ${key}\n`;
}
