import { looksLikePlan, mostPlanBytes } from "../plan-file/format.js";
import { looksLikeRecord, mostRecordBytes } from "../record/read.js";

export const mostHermFileBytes = Math.max(mostPlanBytes, mostRecordBytes);

/** Names a file that apply wrote, and the flag that takes it; undefined for any other. */
export function hermFileText(beginning: string): string | undefined {
  if (looksLikeRecord(beginning)) return "a record, which --record takes";
  return looksLikePlan(beginning) ? "a saved plan, which --plan takes" : undefined;
}
