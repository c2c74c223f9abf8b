import { writeJson } from "../api/json.js";

/** Shown in place of what the API doesn't say. */
export const dash = "–";

/** The API's text or the dash. Not made safe. */
export function textOrDash(text: string | null | undefined): string {
  return text ?? dash;
}

/** A JSON value for a person: a text itself, nothing for null, all else as JSON. Not made safe. */
export function valueText(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : writeJson(value);
}

export function nameWithDeployment(name: string | null | undefined, deployment: string | undefined): string {
  return deployment === undefined ? textOrDash(name) : `${textOrDash(name)} in ${deployment}`;
}
