import type { Run, RunStatus } from "./types.js";

/** True for the statuses of a run that is over (src/api/README.md); an unknown status is none of them. */
export function isFinal(status: RunStatus | null | undefined): boolean {
  return status === "completed" || status === "error";
}

/** True for a run that isn't over, whatever its status. */
export function isUnderWay({ status, completed_at }: Partial<Run>): boolean {
  return !isFinal(status) && !completed_at;
}
