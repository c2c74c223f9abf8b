import { msOf } from "../api/schema.js";
import type { Automation } from "../api/types.js";
import type { KnownChange } from "./proven-times.js";

export interface LastEdit {
  atMs: number;
  /** True for a resume from here; else it was edited, or changed elsewhere. */
  isResume: boolean;
}

/**
 * Finds the last edit of schedule or instructions that stands, or resume: steps back from its `updated_at` over pauses,
 * other changes from here and those that were undone. Undefined where the API sends no `updated_at`.
 */
export function lastEdit(
  { updated_at }: Pick<Automation, "updated_at">,
  changes: readonly KnownChange[],
): LastEdit | undefined {
  const undone = new Set<string | undefined>();
  let atMs = msOf(updated_at);
  if (atMs === undefined) return undefined;
  const newestFirst = changes.toSorted((one, other) => one.atMs - other.atMs).reverse();
  for (const { change, id, undoes, isEdit, before, updated_at: became } of newestFirst) {
    if (msOf(became) !== atMs) continue;
    if (change === "resume") return { atMs, isResume: true };
    const isUndone = undone.has(id);
    if (!isUndone && undoes !== undefined) undone.add(undoes);
    else if (!isUndone && isEdit) break;
    const beforeMs = msOf(before?.updated_at);
    if (beforeMs === undefined) break;
    atMs = beforeMs;
  }
  return { atMs, isResume: false };
}
