import { parseJson } from "../api/json.js";
import type { RawEvent } from "../api/types.js";

/**
 * One event with its data read: the object if it is a JSON object, else the text as received (src/output/README.md,
 * "JSON").
 */
export interface RunEvent {
  event: string;
  id: string;
  data: EventData | string;
}

export interface EventData {
  [field: string]: unknown;
}

/** Reads what a block of the stream carries. Never throws. */
export function readEvent(raw: RawEvent): RunEvent {
  return { event: raw.event, id: raw.id, data: readObject(raw.data) ?? raw.data };
}

function readObject(text: string): EventData | undefined {
  if (!text.trimStart().startsWith("{")) return undefined;
  try {
    const value: unknown = parseJson(text);
    return isEventData(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isEventData(value: unknown): value is EventData {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The text of a field; undefined if it isn't there or isn't text. */
export function textOf(data: EventData | string, field: string): string | undefined {
  if (typeof data === "string") return undefined;
  const value = data[field];
  return typeof value === "string" ? value : undefined;
}

/** The run that an event belongs to. */
export function runOf(event: RunEvent): string | undefined {
  return textOf(event.data, "run_id");
}
