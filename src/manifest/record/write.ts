import type { AutomationRecord, Making, RecordEntry } from "./automation-record.js";

const about =
  "# Which automations herm made or adopted. apply and adopt write this file: keep it, and don't edit it.";

/** The record's file: a line for each automation, sorted so that git merges it. */
export function recordText(record: AutomationRecord): string {
  const { origin, store_id } = record.api;
  return [
    about,
    "record: 1",
    `api: ${quoted(origin)}`,
    ...(store_id === undefined ? [] : [`store: ${quoted(store_id)}`]),
    "made:",
    "",
  ]
    .join("\n")
    .concat(
      ...record.entries.map(entryLine),
      ...record.makings.map(makingLine),
      ...record.deletions.map(deletionLine),
    );
}

/** Ends with its line end, as those below: what stands in the file, or is appended to it. */
export function entryLine({ deploymentId, automationId, name }: RecordEntry): string {
  return `  ${deploymentId}/${automationId}: ${quoted(name)}\n`;
}

/** Of a create that is about to be sent. */
export function makingLine({ deploymentId, print, name }: Making): string {
  return `  ${deploymentId}/making-${print}: ${quoted(name)}\n`;
}

/** Of a deletion that is about to be sent. */
export function deletionLine({ deploymentId, automationId, name }: RecordEntry): string {
  return `  ${deploymentId}/deleting-${automationId}: ${quoted(name)}\n`;
}

/** As JSON has it, which YAML reads too; what YAML or an editor takes for a line's end, or can't show, is escaped. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[\x7f-\x9f\u2028\u2029\ufeff\ufffd\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
