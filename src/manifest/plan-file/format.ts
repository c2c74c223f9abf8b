import { sha256 } from "../../files/sha256.js";

/** The form of the file; another number is another form. */
const planVersion = 1;

/** A larger file is neither written nor read. */
export const mostPlanBytes = 8 * 1024 * 1024;

/** What a plan says of itself. */
export interface PlanHead {
  madeAt: Date;
  /** Which API it is for: a local server is known by its store. */
  target: { origin: string; store_id?: string | undefined };
  /** The record of what apply makes, as it was named from the working folder; absent: there is none. */
  record?: string | undefined;
}

/** Whether a file's text begins as a plan does: what doesn't isn't overwritten by one. */
export function looksLikePlan(text: string): boolean {
  return /^\s*\{\s*"herm_plan"\s*:/.test(text);
}

/** The text of a plan's file: its head, with a sum of the lines that follow, and those. */
export function seal(lines: string): string {
  return `{\n"herm_plan": ${planVersion},\n"sha256": "${sha256(lines)}",\n${lines}`;
}

/** Why a text isn't as `seal` made it. */
export function whyBroken(text: string): string | undefined {
  const [, version, lines = ""] = /^\{\n"herm_plan": (\S+),\n(?:"sha256": [^\n]*\n)?(.*)$/s.exec(text) ?? [];
  if (version !== `${planVersion}`) return "a plan of another version of herm";
  return text === seal(lines) ? undefined : "the plan was changed since it was saved, or cut off";
}
