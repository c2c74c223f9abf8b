import type { Automation, Run } from "../api/types.js";

export interface RunRow {
  deployment_id: string;
  deployment_name?: string;
  customer_id?: string | undefined;
  automation: Pick<Automation, "automation_id" | "name" | "thread_id">;
  run: Run;
  /** Number of its failures before, and this one, that have the same error and one row. */
  alike?: number;
}

/**
 * The run as JSON shows it: the API's own object, with the ids of its deployment and automation (src/output/README.md).
 */
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

/** The run as a command's argument: `dep_…/run_…`. */
export function runRef({ deployment_id, run }: Pick<RunRow, "deployment_id"> & { run: Pick<Run, "run_id"> }) {
  return `${deployment_id}/${run.run_id}`;
}
