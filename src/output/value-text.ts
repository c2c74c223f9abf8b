import { writeJson } from "../api/json.js";

/** Shown in place of a value that the API doesn't send. */
export const dash = "–";

/** The text isn't sanitised. */
export function textOrDash(text: string | null | undefined): string {
  return text ?? dash;
}

/** A JSON value for display: a string as it is, nothing for null, and anything else as JSON. Not sanitised. */
export function valueText(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : writeJson(value);
}

export function nameWithDeployment(name: string | null | undefined, deployment: string | undefined): string {
  return deployment === undefined ? textOrDash(name) : `${textOrDash(name)} in ${deployment}`;
}
