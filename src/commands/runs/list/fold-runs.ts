import { itemKey } from "../../../fleet/refs.js";
import type { RunRow } from "../../../runs/run-row.js";

/** Folds failures of one automation, one after another and with the same error, into the row of the newest. */
export function foldRuns(rows: readonly RunRow[]): RunRow[] {
  const folded: RunRow[] = [];
  const places = new Map<string, number>();
  for (const row of rows) {
    const { automation_id } = row.automation;
    const key = itemKey({ deployment_id: row.deployment_id, automation_id });
    const at = places.get(key);
    const before = at === undefined ? undefined : folded[at];
    if (at !== undefined && before !== undefined && isAlike(before, row))
      folded[at] = { ...before, alike: (before.alike ?? 1) + 1 };
    else places.set(key, folded.push(row) - 1);
  }
  return folded;
}

function isAlike({ run: one }: RunRow, { run: other }: RunRow): boolean {
  return one.status === "error" && other.status === "error" && one.error === other.error;
}
