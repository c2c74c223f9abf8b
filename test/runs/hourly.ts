import type { AutomationDetail, Run } from "../../src/api/types.js";

/** A time of one day, as `09:00` or `09:00:30`; ms since 1970. */
export const at = (clock: string) => Date.parse(`2026-01-05T${clock}Z`);

/** A run of half a minute, scheduled by default. */
export function run(started: string, more: Partial<Run> = {}): Run {
  const started_at = new Date(at(started)).toISOString();
  const completed_at = new Date(at(started) + 30_000).toISOString();
  return {
    run_id: `run_${started}`,
    status: "completed",
    trigger: "schedule",
    started_at,
    completed_at,
    ...more,
  };
}

/** An hourly automation with these runs, in the order of their starts. */
export function hourly(runs: readonly Run[], more: Partial<AutomationDetail> = {}): AutomationDetail {
  const recent_runs = [...runs].reverse();
  return {
    automation_id: "auto_1",
    schedule: "0 * * * *",
    enabled: true,
    created_at: "2026-01-01T00:00:00Z",
    updated_at: "2026-01-01T00:00:00Z",
    last_run_at: recent_runs[0]?.started_at ?? null,
    recent_runs,
    ...more,
  };
}
