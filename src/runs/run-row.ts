import type { Automation, Run } from "../api/types.js";
import { itemKey } from "../fleet/refs.js";

export interface RunRow {
  deployment_id: string;
  deployment_name?: string;
  customer_id?: string | undefined;
  automation: Pick<Automation, "automation_id" | "name" | "thread_id">;
  run: Run;
  /** Failures before this run that had the same error, folded into this row. */
  alike?: readonly Run[];
}

/** Folds failures in a row with the same error into the row of the newest, for each automation. */
export function foldRuns(rows: readonly RunRow[]): RunRow[] {
  const folded: RunRow[] = [];
  const places = new Map<string, number>();
  for (const row of rows) {
    const { run, automation, deployment_id } = row;
    const key = itemKey({ deployment_id, automation_id: automation.automation_id });
    const at = places.get(key) ?? -1;
    const before = folded[at];
    if (before?.run.status === "error" && run.status === "error" && before.run.error === run.error)
      folded[at] = { ...before, alike: [...(before.alike ?? []), run] };
    else places.set(key, folded.push(row) - 1);
  }
  return folded;
}

/** The run in JSON: the object from the API, with the ids of its deployment and automation (src/output/README.md). */
export function runJson({ deployment_id, automation, run }: RunRow): Record<string, unknown> {
  const { run_id, thread_id = null, status, trigger = null, started_at, completed_at = null } = run;
  return {
    run_id,
    deployment_id,
    automation_id: automation.automation_id,
    name: automation.name ?? null,
    thread_id,
    status,
    trigger,
    started_at,
    completed_at,
    ...withoutEmptyError(run),
  };
}

function withoutEmptyError({ error, ...run }: Run): Record<string, unknown> {
  return error === undefined || error === null ? run : { ...run, error };
}

/** The run as an argument for a command: `dep_…/run_…`. */
export function runRef({ deployment_id, run }: Pick<RunRow, "deployment_id"> & { run: Pick<Run, "run_id"> }) {
  return `${deployment_id}/${run.run_id}`;
}
