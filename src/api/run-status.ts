import type { Run, RunStatus } from "./types.js";

/** Whether a run of this status is over (src/api/README.md). A status that isn't known is none of these. */
export function isFinal(status: RunStatus | null | undefined): boolean {
  return status === "completed" || status === "error";
}

/** Whether a run is still going, as far as the API says: every one that isn't over, whatever its status is called. */
export function isUnderWay({ status, completed_at }: Partial<Run>): boolean {
  return !isFinal(status) && !completed_at;
}
