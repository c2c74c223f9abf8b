import { sha256 } from "../../files/sha256.js";

const planVersion = 1;

export const mostPlanBytes = 8 * 1024 * 1024;

export interface PlanHead {
  madeAt: Date;
  target: { origin: string; store_id?: string | undefined };
  /** The record as named from the working folder, if there is one. */
  record?: string | undefined;
}

export function looksLikePlan(text: string): boolean {
  return /^\s*\{\s*"herm_plan"\s*:/.test(text);
}

/** Writes the head, with a checksum of the lines, above them. */
export function seal(lines: string): string {
  return `{\n"herm_plan": ${planVersion},\n"sha256": "${sha256(lines)}",\n${lines}`;
}

export function whyBroken(text: string): string | undefined {
  const [, version, lines = ""] = /^\{\n"herm_plan": (\S+),\n(?:"sha256": [^\n]*\n)?(.*)$/s.exec(text) ?? [];
  if (version !== `${planVersion}`) return "a plan of another version of herm";
  return text === seal(lines) ? undefined : "the plan was changed since it was saved, or cut off";
}
