import { writeJson } from "../api/json.js";

/** A value out of JSON for a person: a text itself, nothing for null and what isn't there, all else as JSON. Not made safe. */
export function valueText(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : writeJson(value);
}
