import { looksLikePlan } from "../plan-file/format.js";
import { looksLikeRecord } from "../record/read.js";

/** What a file that apply wrote is, by how it begins, and what takes it; undefined of any other. */
export function ownFileText(beginning: string): string | undefined {
  if (looksLikeRecord(beginning)) return "a record, which --record takes";
  return looksLikePlan(beginning) ? "a saved plan, which --plan takes" : undefined;
}

/** Whether a file of a folder of manifests is one that apply wrote there: a record or a saved plan. */
export function isOwnFile(beginning: string): boolean {
  return ownFileText(beginning) !== undefined;
}
