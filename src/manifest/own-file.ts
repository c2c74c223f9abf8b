import { looksLikePlan } from "./plan-file/shape.js";
import { looksLikeRecord } from "./record/read.js";

/** Whether a file of a folder of manifests, by how it begins, is one that apply wrote there: a record or a saved plan. */
export function isOwnFile(beginning: string): boolean {
  return looksLikeRecord(beginning) || looksLikePlan(beginning);
}
