import { writeJson } from "../api/json.js";

/** What is shown in place of what the API doesn't say, or says in a way that nobody can read. */
export const dash = "–";

/** A text of the API's for a person: itself, or the dash. Not made safe. */
export function textOrDash(text: string | null | undefined): string {
  return text ?? dash;
}

/** A value out of JSON for a person: a text itself, nothing for null and what isn't there, all else as JSON. Not made safe. */
export function valueText(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : writeJson(value);
}

/** `Weekly report`, of one among several deployments `Weekly report in Acme`. */
export function nameWithDeployment(name: string | null | undefined, deployment: string | undefined): string {
  return deployment === undefined ? textOrDash(name) : `${textOrDash(name)} in ${deployment}`;
}
