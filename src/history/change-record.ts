import type { NewItem } from "./change.js";
/** A change that was sent to an automation, or may have been. Triggers and answers aren't changes. */
export interface ChangeRecord {
  deployment_id: string;
  automation_id: string;
  change: "create" | "update" | "pause" | "resume" | "delete";
  incident?: string | undefined;
  at: Date;
  /** The server's time, where its clock differs: a local server's may have been moved. */
  servedAt?: Date | undefined;
}

/** The kind of change to something that existed before; a new one has its `created_at` for that. */
export function changeKindOf({ act, after }: NewItem): ChangeRecord["change"] | undefined {
  if (act === "create" || act === "trigger" || act === "answer") return undefined;
  return act === "update" && typeof after?.enabled === "boolean" ? switchAct(after.enabled) : act;
}

export function switchAct(enabled: boolean): "pause" | "resume" {
  return enabled ? "resume" : "pause";
}

/** The server's time, where its clock differs from this machine's. */
export function servedTime(at: Date, served: Date): Date | undefined {
  return Math.abs(served.getTime() - at.getTime()) < 1000 ? undefined : served;
}
