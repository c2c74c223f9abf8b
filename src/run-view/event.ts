import { isObject, tryJson } from "../api/json.js";
import type { RawEvent } from "../api/types.js";

/** An event with its data read: a JSON object, else the text as received (src/output/README.md, "JSON"). */
export interface RunEvent {
  event: string;
  id: string;
  data: EventData | string;
}

export type EventData = Record<string, unknown>;

/** Never throws. */
export function readEvent(raw: RawEvent): RunEvent {
  const value = raw.data.trimStart().startsWith("{") ? tryJson(raw.data) : undefined;
  return { event: raw.event, id: raw.id, data: isObject(value) ? value : raw.data };
}

export function fieldText(data: EventData | string, field: string): string | undefined {
  if (typeof data === "string") return undefined;
  const value = data[field];
  return typeof value === "string" ? value : undefined;
}

export function runOf(event: RunEvent): string | undefined {
  return fieldText(event.data, "run_id");
}
