import type { NewItem } from "./change.js";
import type { ChangeRecord } from "./change-record.js";

/** What was there before and is another now; of what is new `created_at` tells. */
export function changeKindOf({ act, after }: NewItem): ChangeRecord["change"] | undefined {
  if (act === "create" || act === "trigger" || act === "answer") return undefined;
  return act === "update" && typeof after?.enabled === "boolean" ? switchAct(after.enabled) : act;
}

/** How a change of `enabled` is called. */
export function switchAct(enabled: boolean): "pause" | "resume" {
  return enabled ? "resume" : "pause";
}

/** The server's time, where its clock is another than this machine's. */
export function servedTime(at: Date, served: Date): Date | undefined {
  return Math.abs(served.getTime() - at.getTime()) < 1000 ? undefined : served;
}
